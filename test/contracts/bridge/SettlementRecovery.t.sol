// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {INodeStakingErrors} from "../../../contracts/interfaces/INodeStaking.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Freeze, restart and recovery.
contract SettlementRecoveryTest is QueueFixture {
    IEpochSettlement.Settlement private nothing;

    // --- freeze

    function test_AnyoneFreezesWhenNothingBecameActiveForLong() public {
        IEpochSettlement.Settlement memory active = _active();
        uint256 opensAt = block.timestamp + ESCAPE_DELAY;
        vm.warp(opensAt - 1);
        vm.expectRevert(abi.encodeWithSelector(E.EscapeNotOpen.selector, opensAt));
        settlement.freeze(_opening(active, nothing));
        vm.warp(opensAt);
        vm.prank(BOB);
        vm.expectEmit(address(settlement));
        emit Ev.Frozen(1, active.balanceRoot, active.l2Number);
        settlement.freeze(_opening(active, nothing));
        (bool open, bytes32 root, uint64 l2Number, uint64 key) = settlement.escapeRoot();
        vm.assertTrue(open);
        vm.assertEq(root, active.balanceRoot);
        vm.assertEq(uint256(l2Number), active.l2Number);
        vm.assertEq(uint256(key), 1);
    }

    function test_AFreezeStopsPostingActivationReleaseAndVeto() public {
        IEpochSettlement.Settlement memory active = _active();
        IEpochSettlement.Settlement memory waiting = _pay(ALICE, 900, 1 ether);
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, waiting));
        bytes memory frozen = abi.encodeWithSelector(E.IsFrozen.selector);
        vm.expectRevert(frozen);
        settlement.activate(waiting);
        vm.expectRevert(frozen);
        settlement.veto(1);
        vm.expectRevert(frozen);
        settlement.release(1);
        Committee memory named = current;
        vm.expectRevert(frozen);
        settlement.challengeCommittee(waiting, named);
        vm.expectRevert(frozen);
        settlement.freeze(_opening(active, waiting));
        IEpochSettlement.Settlement memory s = nextSettlement();
        _rejects(s, current, frozen);
        // What is active still pays.
        settlement.claim(ALICE, 400, 1 ether, noProof);
    }

    function test_AFreezeNeedsTheNewestActiveSettlement() public {
        IEpochSettlement.Settlement memory active = _active();
        IEpochSettlement.Settlement memory waiting = _pay(ALICE, 900, 1 ether);
        vm.warp(block.timestamp + ESCAPE_DELAY);
        bytes32 digest = settlement.settlementDigest(active);
        vm.expectRevert(
            abi.encodeWithSelector(E.UnknownSettlement.selector, settlement.settlementDigest(waiting), digest)
        );
        settlement.freeze(_opening(waiting, waiting));
        vm.expectRevert(
            abi.encodeWithSelector(E.UnknownSettlement.selector, digest, settlement.settlementDigest(waiting))
        );
        settlement.freeze(_opening(active, active));
        vm.expectPartialRevert(E.UnknownSettlement.selector);
        settlement.freeze(_opening(nothing, waiting));
        settlement.freeze(_opening(active, waiting));
    }

    function test_AFreezeWithoutAnyActiveSettlementKnowsNoBalance() public {
        IEpochSettlement.Settlement memory waiting = _pay(ALICE, 900, 1 ether);
        settlement.veto(0);
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(nothing, waiting));
        (, bytes32 root, uint64 l2Number, uint64 key) = settlement.escapeRoot();
        vm.assertEq(root, bytes32(0));
        vm.assertEq(uint256(l2Number), 0);
        vm.assertEq(uint256(key), 0);
    }

    // --- restart

    function test_ARestartVoidsAHeldSettlementAndEverythingBehindIt() public {
        IEpochSettlement.Settlement memory active = _active();
        Committee memory named = current;
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(1);
        _pay(ALICE, 1_000, 1 ether);

        Committee memory resumed = Committee(9, named.members, named.aggregateKey);
        bytes32 hash = settlement.hashCommittee(resumed);
        bytes32 digest = _restartDigest(settlement.settlementDigest(active), hash, 9, 1);
        vm.expectEmit(address(settlement));
        emit Ev.Voided(1, 2);
        vm.expectEmit(address(settlement));
        emit Ev.Restart(1, 9, digest, resumed, hash, active.closeTime, false);
        settlement.restart(_opening(active, held), named, 9);

        IEpochSettlement.Status memory status = settlement.status();
        vm.assertEq(uint256(status.nextEpoch), 9);
        vm.assertEq(uint256(status.firstPending), 9);
        vm.assertEq(uint256(status.activeEpochs), 1);
        vm.assertEq(uint256(status.restarts), 1);
        vm.assertEq(uint256(status.holds), 0);
        vm.assertEq(status.digest, digest);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 1));
        settlement.pending(1);
    }

    function test_TheProtocolGoesOnAfterARestart() public {
        IEpochSettlement.Settlement memory active = _active();
        Committee memory named = current;
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(1);
        settlement.restart(_opening(active, held), named, 9);
        _resume(named, 9, active);
        uint256 snapshot = vm.snapshotState();
        IEpochSettlement.Settlement memory late = nextSettlement();
        late.closeTime = active.closeTime;
        _settle(late, committeeOf(10, firstNodes(4)));
        vm.assertEq(uint256(_holds(9)), settlement.HELD_CLOSE_TIME());
        vm.revertToState(snapshot);
        IEpochSettlement.Settlement memory s = _pay(ALICE, 600, 1 ether);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        settlement.claim(ALICE, 600, 1 ether, noProof);
        vm.assertEq(usd.balanceOf(ALICE), 600);
        vm.assertEq(uint256(settlement.status().activeEpochs), 10);
        _pay(ALICE, 700, 1 ether);
    }

    function test_OnlyGovernanceRestartsAndOnlyWhereSomethingIsHeldOrFrozen() public {
        IEpochSettlement.Settlement memory active = _active();
        Committee memory named = current;
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ALICE));
        settlement.restart(_opening(active, nothing), named, 9);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToRestart.selector));
        settlement.restart(_opening(active, nothing), named, 9);
        IEpochSettlement.Settlement memory waiting = _pay(ALICE, 900, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToRestart.selector));
        settlement.restart(_opening(active, waiting), named, 9);
        // A held one behind it does not void what may still become active.
        _pay(ALICE, 1_000, 1 ether);
        settlement.veto(2);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToRestart.selector));
        settlement.restart(_opening(active, waiting), named, 9);
    }

    function test_ARestartKeepsTheCommitteeThatWasNamed() public {
        IEpochSettlement.Settlement memory active = _active();
        Committee memory named = current;
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(1);
        Committee memory other = committeeOf(1, ids(1, 2, 5));
        bytes32 given = settlement.hashCommittee(other);
        vm.expectRevert(abi.encodeWithSelector(E.WrongCommittee.selector, given, settlement.hashCommittee(named)));
        settlement.restart(_opening(active, held), other, 9);
    }

    function testFuzz_ARestartResumesAfterAllThatEvidenceCountsFor(uint64 epoch) public {
        epoch = uint64(bound(epoch, 0, 1_500));
        IEpochSettlement.Settlement memory active = _active();
        Committee memory named = current;
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(1);
        // The settlement waits for epoch 2: honest nodes may have signed in 3, and evidence of it counts.
        bool allowed = epoch >= 4 && epoch <= 1_002;
        if (!allowed) {
            vm.expectRevert(abi.encodeWithSelector(E.InvalidResumeEpoch.selector, epoch, 4, 1_002));
        }
        settlement.restart(_opening(active, held), named, epoch);
        if (!allowed) return;
        vm.assertEq(uint256(settlement.nextEpoch()), epoch);
        (, uint64 latestBefore) = settlement.ageOf(2);
        vm.assertEq(uint256(latestBefore), 3);
    }

    function test_ARestartBeforeAnythingWasActiveReturnsToTheGenesis() public {
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(0);
        settlement.restart(_opening(nothing, held), genesis, 5);
        _resume(genesis, 5, nothing);
        IEpochSettlement.Settlement memory s = _pay(ALICE, 600, 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        settlement.claim(ALICE, 600, 0, noProof);
    }

    function test_ASecondRestartFollowsTheFirst() public {
        IEpochSettlement.Settlement memory active = _active();
        Committee memory named = current;
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(1);
        settlement.restart(_opening(active, held), named, 9);
        bytes32 first = settlement.latestDigest();
        _resume(named, 9, active);
        Committee memory resumed = current;
        held = _pay(ALICE, 950, 1 ether);
        settlement.veto(9);
        settlement.restart(_opening(nothing, held), resumed, 20);
        vm.assertTrue(first != settlement.latestDigest());
        vm.assertEq(uint256(settlement.status().restarts), 2);
        _resume(resumed, 20, active);
        held = _pay(ALICE, 500, 1 ether);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(held);
    }

    function test_AfterAFreezeTheRestartWaitsForTheExitWindow() public {
        IEpochSettlement.Settlement memory active = _active();
        Committee memory named = current;
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, nothing));
        uint256 until = block.timestamp + EXIT_WINDOW;
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(E.ExitWindowOpen.selector, until));
        settlement.restart(_opening(active, nothing), named, 9);
        vm.warp(until);
        settlement.restart(_opening(active, nothing), named, 9);
        IEpochSettlement.Status memory status = settlement.status();
        vm.assertFalse(status.frozen);
        vm.assertEq(uint256(status.lastActivatedAt), until);
        (bool open, , , ) = settlement.escapeRoot();
        vm.assertFalse(open);
    }

    function test_ARestartByVetoDoesNotPutTheEscapeOff() public {
        IEpochSettlement.Settlement memory active = _active();
        uint256 activatedAt = block.timestamp;
        Committee memory named = current;
        vm.warp(block.timestamp + ESCAPE_DELAY - 1);
        IEpochSettlement.Settlement memory held = _pay(ALICE, 900, 1 ether);
        settlement.veto(1);
        settlement.restart(_opening(active, held), named, 9);
        vm.assertEq(uint256(settlement.status().lastActivatedAt), activatedAt);
        vm.warp(activatedAt + ESCAPE_DELAY);
        settlement.freeze(_opening(nothing, nothing));
        (, bytes32 root, , ) = settlement.escapeRoot();
        vm.assertEq(root, active.balanceRoot);
    }

    // --- recovery

    function test_GovernanceSeatsANewCommitteeWhenTheOldOneIsGone() public {
        IEpochSettlement.Settlement memory active = _active();
        uint256 opensAt = block.timestamp + RECOVERY_DELAY;
        Committee memory seated = committeeOf(9, _lastFour());
        vm.warp(opensAt - 1);
        vm.expectRevert(abi.encodeWithSelector(E.RecoveryNotOpen.selector, opensAt));
        settlement.recover(_opening(active, nothing), seated, 9);
        vm.warp(opensAt);
        settlement.recover(_opening(active, nothing), seated, 9);
        vm.assertTrue(settlement.status().recovering);
        // The new committee has all the time that the old one had.
        vm.expectRevert(abi.encodeWithSelector(E.EscapeNotOpen.selector, opensAt + ESCAPE_DELAY));
        settlement.freeze(_opening(active, nothing));

        delete newest;
        current = seated;
        IEpochSettlement.Settlement memory s = nextSettlement();
        (s.closeTime, s.totalPayoutStable) = (uint64(block.timestamp * 1000), 400);
        bytes memory signature = aggregate(_lastFour(), settlement.settlementMessage(s));
        settlement.settle(newest, s, seated, none, signature);
        // Twice the delay, until one of its settlements is active.
        vm.assertEq(uint256(settlement.status().activatesAt), block.timestamp + 2 * DELAY);
        vm.warp(block.timestamp + 2 * DELAY);
        settlement.activate(s);
        vm.assertFalse(settlement.status().recovering);
    }

    function test_OnlyGovernanceRecovers() public {
        IEpochSettlement.Settlement memory active = _active();
        Committee memory seated = committeeOf(9, _lastFour());
        vm.warp(block.timestamp + RECOVERY_DELAY);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ALICE));
        settlement.recover(_opening(active, nothing), seated, 9);
    }

    function test_ARecoveryAfterAFreezeWaitsForTheExitWindowToo() public {
        IEpochSettlement.Settlement memory active = _active();
        vm.warp(block.timestamp + RECOVERY_DELAY);
        settlement.freeze(_opening(active, nothing));
        uint256 until = block.timestamp + EXIT_WINDOW;
        Committee memory seated = committeeOf(9, _lastFour());
        vm.expectRevert(abi.encodeWithSelector(E.ExitWindowOpen.selector, until));
        settlement.recover(_opening(active, nothing), seated, 9);
        vm.warp(until);
        settlement.recover(_opening(active, nothing), seated, 9);
    }

    function test_ARecoveredCommitteeIsRegisteredWellFormedAndLargeEnough() public {
        IEpochSettlement.Settlement memory active = _active();
        vm.warp(block.timestamp + RECOVERY_DELAY);
        IEpochSettlement.Opening memory opening = _opening(active, nothing);
        Committee memory seated = committeeOf(9, _lastFour());
        vm.expectRevert(abi.encodeWithSelector(E.WrongEpoch.selector, 9, 10));
        settlement.recover(opening, seated, 10);
        Committee memory small = committeeOf(9, ids(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(E.CommitteeTooSmall.selector, 3, 4));
        settlement.recover(opening, small, 9);
        bytes memory key = seated.aggregateKey;
        seated.aggregateKey = small.aggregateKey;
        vm.expectRevert(abi.encodeWithSelector(E.AggregateKeyMismatch.selector));
        settlement.recover(opening, seated, 9);
        bytes memory members = seated.members;
        seated.members = bytes.concat(members, abi.encodePacked(uint32(9), uint32(0), uint64(1)));
        vm.expectRevert(abi.encodeWithSelector(INodeStakingErrors.UnknownKey.selector, 9, 0));
        settlement.recover(opening, seated, 9);
        seated.members = bytes.concat(members, members);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidCommittee.selector));
        settlement.recover(opening, seated, 9);
        (seated.members, seated.aggregateKey) = (members, key);
        settlement.recover(opening, seated, 9);
    }

    // --- helpers

    /// @dev One active settlement that pays ALICE 400 and 1 FLK.
    function _active() private returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement();
        (s.totalPayoutStable, s.totalPayoutFlk, s.payoutRoot) = (400, 1 ether, singleLeaf(ALICE, 400, 1 ether));
        (s.balanceRoot, s.l2Number) = (singleLeaf(ALICE, TOP_UP - 400, TOP_UP), uint64(block.number));
        _settle(s);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
    }

    function _resume(Committee memory named, uint64 epoch, IEpochSettlement.Settlement memory active) private {
        current = Committee(epoch, named.members, named.aggregateKey);
        delete newest;
        vm.warp((active.closeTime == 0 ? START : active.closeTime) / 1000 + 1 days);
    }

    function _lastFour() private pure returns (uint32[] memory made) {
        made = new uint32[](4);
        for (uint32 i = 0; i < 4; i++) made[i] = i + 2;
    }

    function _restartDigest(bytes32 last, bytes32 hash, uint64 epoch, uint64 count) private view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "FlkRestart(bytes32 networkId,bytes32 lastActive,bytes32 committeeHash,uint64 resumeEpoch,uint64 restarts)"
        );
        return keccak256(abi.encode(typeHash, settlement.networkId(), last, hash, epoch, count));
    }
}

/// @notice A protocol that never started.
contract SettlementNotStartedTest is SettlementFixture {
    IEpochSettlement.Opening private nothing;

    function test_NothingIsFrozenOrRecoveredBeforeTheStart() public {
        vm.warp(block.timestamp + RECOVERY_DELAY);
        vm.expectRevert(abi.encodeWithSelector(E.NotStarted.selector));
        settlement.freeze(nothing);
        Committee memory seated = committeeOf(9, firstNodes(4));
        vm.expectRevert(abi.encodeWithSelector(E.NotStarted.selector));
        settlement.recover(nothing, seated, 9);
    }
}
