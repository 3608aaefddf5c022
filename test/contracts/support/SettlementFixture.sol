// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

/// @notice Five registered nodes, of which the first four are every committee unless a test says otherwise. Remembers what was posted.
abstract contract SettlementFixture is Fixture {
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant TOP_UP = 1_000_000_000;

    Committee internal genesis;
    uint32[] internal none;
    bytes32[] internal noProof;
    /// @dev The newest posted settlement; zeros after the start or a restart.
    IEpochSettlement.Settlement internal newest;
    /// @dev The committee that signs the next settlement.
    Committee internal current;

    function setUp() public virtual override {
        super.setUp();
        registerNodes(5);
        genesis = committeeOf(0, firstNodes(4));
    }

    function _start() internal {
        settlement.start(genesis, START);
        current = genesis;
    }

    function _deposit(uint256 amount) internal {
        _depositFor(ALICE, amount);
    }

    function _depositFor(address account, uint256 amount) internal {
        usd.mint(address(this), amount);
        usd.approve(address(vault), amount);
        vault.deposit(account, amount);
    }

    /// @notice The next settlement in line: an empty epoch's content, the first four nodes as the next committee.
    function nextSettlement() internal view returns (IEpochSettlement.Settlement memory) {
        return nextSettlement(committeeOf(settlement.nextEpoch() + 1, firstNodes(4)));
    }

    function nextSettlement(Committee memory next) internal view returns (IEpochSettlement.Settlement memory s) {
        IEpochSettlement.Status memory status = settlement.status();
        s.epoch = status.nextEpoch;
        s.previous = status.digest;
        // After a restart, what it opened is behind the L2's clock.
        s.closeTime = (newest.closeTime == 0 ? uint64(block.timestamp * 1000) : newest.closeTime) + 30_000;
        s.totalBalances = newest.totalBalances;
        s.totalPayoutStable = newest.closeTime == 0 ? status.totalPayoutStable : newest.totalPayoutStable;
        s.totalPayoutFlk = newest.closeTime == 0 ? status.totalPayoutFlk : newest.totalPayoutFlk;
        s.payoutRoot = newest.payoutRoot;
        s.balanceRoot = newest.balanceRoot;
        s.slashListHash = keccak256("");
        s.nextCommitteeHash = settlement.hashCommittee(next);
    }

    /// @notice Posts `s`, signed by the first four nodes, who are the next committee too.
    function _settle(IEpochSettlement.Settlement memory s) internal {
        _settle(s, committeeOf(s.epoch + 1, firstNodes(4)));
    }

    function _settle(IEpochSettlement.Settlement memory s, Committee memory next) internal {
        _reach(s.closeTime);
        settlement.settle(newest, s, current, none, _signed(s));
        newest = s;
        current = next;
    }

    /// @notice Posts the next settlement with a payout to one account.
    function _pay(
        address account,
        uint256 stable,
        uint256 amount
    ) internal returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement();
        s.totalPayoutStable = stable;
        s.totalPayoutFlk = amount;
        s.payoutRoot = singleLeaf(account, stable, amount);
        _settle(s);
    }

    /// @notice The L2's clock is not behind the close time (Unix ms) of what is posted.
    function _reach(uint64 closeTime) internal {
        if (block.timestamp < closeTime / 1000) vm.warp(closeTime / 1000);
    }

    function _signed(IEpochSettlement.Settlement memory s) internal view returns (bytes memory) {
        return aggregate(firstNodes(4), settlement.settlementMessage(s));
    }

    function _rejects(IEpochSettlement.Settlement memory s, Committee memory committee, bytes memory reason) internal {
        bytes memory signature = _signed(s);
        vm.expectRevert(reason);
        settlement.settle(newest, s, committee, none, signature);
    }

    function _holds(uint64 epoch) internal view returns (uint16 reasons) {
        (, , reasons) = settlement.pending(epoch);
    }
}
