// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {
    IEpochSettlement,
    IEpochSettlementErrors as E,
    IEpochSettlementEvents as Ev
} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {Vm, bound, vm} from "../support/Vm.sol";

/// @notice In which epoch a network goes on, what it says then, and that it does so also where nothing waits or ever settled.
contract SettlementResumeTest is QueueFixture {
    IEpochSettlement.Settlement private nothing;

    function test_ARestartResumesInTheFirstAndInTheLastEpochThatItMay() public {
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(0);
        uint64[2] memory taken = [uint64(3), 1_001];
        uint64[2] memory refused = [uint64(2), 1_002];
        for (uint256 i = 0; i < 2; i++) {
            uint256 snapshot = vm.snapshotState();
            vm.expectRevert(abi.encodeWithSelector(E.InvalidResumeEpoch.selector, refused[i], taken[0], taken[1]));
            settlement.restart(_opening(nothing, held), genesis, refused[i]);
            settlement.restart(_opening(nothing, held), genesis, taken[i]);
            vm.assertEq(settlement.nextEpoch(), taken[i]);
            vm.revertToState(snapshot);
        }
    }

    function test_AHoldDoesNotOutliveARestart() public {
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(0);
        vm.assertEq(uint256(settlement.status().holds), settlement.HELD_VETO());
        settlement.restart(_opening(nothing, held), genesis, 3);
        vm.assertEq(uint256(settlement.status().holds), 0);
    }

    function test_WhereNothingWaitsNothingIsVoided() public {
        IEpochSettlement.Settlement memory active = _active();
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, nothing));
        vm.warp(block.timestamp + EXIT_WINDOW);
        vm.recordLogs();
        settlement.restart(_opening(active, nothing), current, 9);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) vm.assertTrue(logs[i].topics[0] != Ev.Voided.selector);
    }

    function test_ARecoverySaysThatItIsOne() public {
        IEpochSettlement.Settlement memory active = _active();
        vm.warp(block.timestamp + RECOVERY_DELAY);
        Committee memory seated = committeeOf(9, firstNodes(5));
        uint256 snapshot = vm.snapshotState();
        settlement.recover(_opening(active, nothing), seated, 9);
        bytes32 digest = settlement.latestDigest();
        vm.revertToState(snapshot);
        bytes32 hash = settlement.hashCommittee(seated);
        vm.expectEmit(address(settlement));
        emit Ev.Restart(1, 9, digest, seated, hash, active.closeTime, true);
        settlement.recover(_opening(active, nothing), seated, 9);
    }

    function test_ANetworkThatNeverSettledIsRecovered() public {
        vm.warp(block.timestamp + RECOVERY_DELAY);
        Committee memory seated = committeeOf(2, firstNodes(5));
        settlement.recover(_opening(nothing, nothing), seated, 2);
        current = seated;
        IEpochSettlement.Settlement memory s = nextSettlement();
        (s.totalPayoutStable, s.payoutRoot) = (400, singleLeaf(ALICE, 400, 0));
        bytes memory signature = aggregate(firstNodes(5), settlement.settlementMessage(s));
        settlement.settle(newest, s, seated, none, signature);
        vm.warp(block.timestamp + 2 * DELAY);
        settlement.activate(s);
        settlement.claim(ALICE, 400, 0, noProof);
    }

    function testFuzz_ARecoveryWaitsAndSeatsEnough(uint32 wait, uint16 epoch, uint8 members, address caller) public {
        wait = uint32(bound(wait, RECOVERY_DELAY - 2 days, RECOVERY_DELAY + 2 days));
        uint32 seats = uint32(bound(members, 1, 5));
        epoch = uint16(bound(epoch, 1, 1_100));
        vm.assume(caller != address(this));
        IEpochSettlement.Settlement memory active = _active();
        IEpochSettlement.Opening memory opening = _opening(active, nothing);
        uint256 opensAt = block.timestamp + RECOVERY_DELAY;
        Committee memory seated = committeeOf(epoch, firstNodes(seats));
        vm.warp(block.timestamp + wait);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        settlement.recover(opening, seated, epoch);

        bytes32 before = settlement.latestDigest();
        bytes memory refused = _whyNotRecovered(opensAt, epoch, seats);
        if (refused.length != 0) vm.expectRevert(refused);
        settlement.recover(opening, seated, epoch);
        IEpochSettlement.Status memory status = settlement.status();
        bool recovered = refused.length == 0;
        vm.assertTrue((status.digest != before) == recovered && status.recovering == recovered);
        vm.assertEq(uint256(status.nextEpoch), recovered ? epoch : 1);
        vm.assertEq(uint256(status.lastActivatedAt), recovered ? block.timestamp : opensAt - RECOVERY_DELAY);
        vm.assertEq(uint256(status.activeEpochs), 1);
        // What is active still pays, and nothing more moved.
        vm.assertEq(usd.balanceOf(address(vault)), TOP_UP - 400);
        settlement.claim(ALICE, 400, 1 ether, noProof);
    }

    /// @dev One settlement is active: honest nodes may have signed in 2.
    function _whyNotRecovered(uint256 opensAt, uint64 epoch, uint256 seats) private view returns (bytes memory) {
        if (block.timestamp < opensAt) return abi.encodeWithSelector(E.RecoveryNotOpen.selector, opensAt);
        if (seats < 4) return abi.encodeWithSelector(E.CommitteeTooSmall.selector, seats, 4);
        if (epoch >= 3 && epoch <= 1_001) return "";
        return abi.encodeWithSelector(E.InvalidResumeEpoch.selector, epoch, 3, 1_001);
    }

    function _active() private returns (IEpochSettlement.Settlement memory s) {
        s = _pay(ALICE, 400, 1 ether);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
    }
}
