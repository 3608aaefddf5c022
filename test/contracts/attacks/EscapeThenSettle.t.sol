// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IClientVaultErrors as VaultErrors} from "../../../contracts/interfaces/IClientVault.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice An account escapes with its balance and is to be paid the same money by a settlement too.
contract EscapeThenSettleTest is QueueFixture {
    IEpochSettlement.Settlement private nothing;
    IEpochSettlement.Settlement private active;
    Committee private named;

    function setUp() public override {
        super.setUp();
        active = nextSettlement();
        active.totalBalances = TOP_UP;
        active.balanceRoot = singleLeaf(ALICE, TOP_UP, TOP_UP);
        active.l2Number = uint64(block.number);
        _settle(active);
        named = current;
        vm.warp(block.timestamp + DELAY);
        settlement.activate(active);
    }

    function test_NothingThatWasPendingPaysAfterAnEscape() public {
        IEpochSettlement.Settlement memory waiting = _payAll();
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, waiting));
        vault.escape(ALICE, TOP_UP, TOP_UP, noProof);
        vm.expectRevert(abi.encodeWithSelector(E.IsFrozen.selector));
        settlement.activate(waiting);
        vm.warp(block.timestamp + EXIT_WINDOW);
        settlement.restart(_opening(active, waiting), named, 9);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 1));
        settlement.activate(waiting);
    }

    function test_ASettlementThatPaysEscapedMoneyIsHeld() public {
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, nothing));
        vault.escape(ALICE, TOP_UP, TOP_UP, noProof);
        _depositFor(BOB, 500);
        vm.warp(block.timestamp + EXIT_WINDOW);
        settlement.restart(_opening(active, nothing), named, 9);
        current = Committee(9, named.members, named.aggregateKey);
        delete newest;
        IEpochSettlement.Settlement memory s = _payAll();
        vm.warp(block.timestamp + DELAY);
        vm.assertFalse(settlement.activate(s));
        vm.assertEq(uint256(_holds(9)), settlement.HELD_INSOLVENT());
        vm.assertEq(usd.balanceOf(address(vault)), 500);
    }

    function test_AnActivationAfterTheFreezeDateClosesTheEscape() public {
        IEpochSettlement.Settlement memory waiting = _payAll();
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.activate(waiting);
        vm.expectPartialRevert(E.EscapeNotOpen.selector);
        settlement.freeze(_opening(waiting, nothing));
        vm.expectRevert(abi.encodeWithSelector(VaultErrors.NotFrozen.selector));
        vault.escape(ALICE, TOP_UP, TOP_UP, noProof);
    }

    function _payAll() private returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement();
        (s.totalPayoutStable, s.totalBalances) = (TOP_UP, 0);
        s.payoutRoot = singleLeaf(ALICE, TOP_UP, 0);
        _settle(s);
    }
}
