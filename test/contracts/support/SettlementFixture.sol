// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @notice Five registered nodes, of which the first four are the genesis committee.
abstract contract SettlementFixture is Fixture {
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant TOP_UP = 1_000_000_000;

    Committee internal genesis;
    uint32[] internal none;

    function setUp() public virtual override {
        super.setUp();
        registerNodes(5);
        genesis = committeeOf(0, firstNodes(4));
    }

    function _start() internal {
        settlement.start(genesis, START);
    }

    function _deposit(uint256 amount) internal {
        usd.mint(address(this), amount);
        usd.approve(address(vault), amount);
        vault.deposit(ALICE, amount);
    }

    function _settle(IEpochSettlement.Settlement memory s, Committee memory committee) internal {
        settlement.settle(s, committee, none, aggregate(firstNodes(4), settlement.settlementMessage(s)));
    }

    function _rejects(IEpochSettlement.Settlement memory s, Committee memory committee, bytes memory reason) internal {
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        vm.expectRevert(reason);
        settlement.settle(s, committee, none, signature);
    }
}
