// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {INodeStakingErrors as E, INodeStakingEvents as Ev} from "../../../contracts/interfaces/INodeStaking.sol";
import {ITimedPause} from "../../../contracts/interfaces/ITimedPause.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice stake, stakeWithPermit, lock, requestUnstake, cancelUnstake, withdraw, withdrawMatured.
contract NodeStakingTest is StakingFixture {
    address private constant ELSEWHERE = address(0xcafe);

    // --- stake

    function test_StakeIsTakenFromTheCallerAndVotesForTheOwner() public {
        vm.expectEmit(address(staking));
        emit Ev.StakeChanged(nodeId, 3 ether, 0);
        _stake(3 ether);
        vm.assertEq(flk.balanceOf(owner), FUNDS - 3 ether);
        vm.assertEq(votes.getVotes(owner), 3 ether);
        _assertBooks();
    }

    function test_RejectsNoStakeAndMoreThanTheCallerHas() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAmount.selector));
        staking.stake(nodeId, 0);
        vm.prank(owner);
        vm.expectRevert();
        staking.stake(nodeId, FUNDS + 1);
        vm.prank(owner);
        vm.expectRevert();
        staking.stake(nodeId, type(uint256).max);
        _assertBooks();
    }

    function test_NothingIsStakedWhilePausedButStakeThawsAndLeaves() public {
        _stake(2 ether);
        uint64 requestId = _thaw(1 ether);
        vm.warp(block.timestamp + THAW - 1);
        staking.pauseFor(60);
        bytes memory paused = abi.encodeWithSelector(ITimedPause.IsPaused.selector, block.timestamp + 60);
        vm.prank(owner);
        vm.expectRevert(paused);
        staking.stake(nodeId, 1);
        (uint8 v, bytes32 r, bytes32 s) = _permit(1);
        vm.prank(owner);
        vm.expectRevert(paused);
        staking.stakeWithPermit(nodeId, 1, block.timestamp, v, r, s);

        vm.warp(block.timestamp + 1);
        vm.prank(owner);
        staking.withdraw(nodeId, requestId, owner);
        uint64 cancelled = _thaw(1 ether);
        vm.prank(owner);
        staking.cancelUnstake(nodeId, cancelled);
        _assertBooks();
    }

    function testFuzz_StakesAddUp(uint96 first, uint96 second) public {
        uint256 a = bound(first, 1, FUNDS - 1);
        uint256 b = bound(second, 1, FUNDS - a);
        _stake(a);
        _stake(b);
        vm.assertEq(staking.node(nodeId).staked, a + b);
        _assertBooks();
    }

    // --- stakeWithPermit

    function test_StakesWithAPermitAlsoWhenSomeoneElseSubmittedIt() public {
        vm.prank(owner);
        flk.approve(address(staking), 0);
        (uint8 v, bytes32 r, bytes32 s) = _permit(3 ether);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.PermitFailed.selector));
        staking.stakeWithPermit(nodeId, 4 ether, block.timestamp, v, r, s);
        flk.permit(owner, address(staking), 3 ether, block.timestamp, v, r, s);
        vm.prank(owner);
        staking.stakeWithPermit(nodeId, 3 ether, block.timestamp, v, r, s);
        (v, r, s) = _permit(2 ether);
        vm.prank(owner);
        staking.stakeWithPermit(nodeId, 2 ether, block.timestamp, v, r, s);
        vm.assertEq(staking.node(nodeId).staked, 5 ether);
    }

    function testFuzz_APermitOfNobodyStakesNothing(uint96 amount, uint8 v, bytes32 r, bytes32 s) public {
        vm.prank(owner);
        flk.approve(address(staking), 0);
        vm.assume(amount != 0);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.PermitFailed.selector));
        staking.stakeWithPermit(nodeId, amount, block.timestamp, v, r, s);
    }

    // --- lock

    function test_LockedStakeStaysUntilTheEndOfTheLock() public {
        _stake(2 ether);
        uint64 until = uint64(block.timestamp + 50);
        vm.expectEmit(address(staking));
        emit Ev.StakeLocked(nodeId, until);
        _lock(50);
        vm.assertEq(staking.node(nodeId).lockedUntil, until);
        vm.warp(until - 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.StillLocked.selector, nodeId, until));
        staking.requestUnstake(nodeId, 1);
        vm.warp(until);
        _thaw(1);
    }

    function test_ALockIsMeasuredFromNowExtendedAndNeverShortened() public {
        _lock(100);
        uint64 first = staking.node(nodeId).lockedUntil;
        vm.warp(block.timestamp + 10);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.LockShortened.selector, nodeId, first - 1, first));
        staking.lock(nodeId, 89);
        _lock(90);
        vm.assertEq(staking.node(nodeId).lockedUntil, first);
        _lock(91);
        vm.assertEq(staking.node(nodeId).lockedUntil, first + 1);
        vm.warp(first + 1_000);
        _lock(1);
        vm.assertEq(staking.node(nodeId).lockedUntil, first + 1_001);
    }

    function test_ALockHasAnUpperBound() public {
        uint256 max = parameters.get("maxLock");
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.LockTooLong.selector, max + 1, max));
        staking.lock(nodeId, uint64(max + 1));
        _lock(uint64(max));
    }

    function test_ALockKeepsWhatThaws() public {
        _stake(2 ether);
        uint64 requestId = _thaw(1 ether);
        _lock(365 days);
        vm.warp(block.timestamp + THAW);
        vm.prank(owner);
        staking.withdraw(nodeId, requestId, owner);
        _assertBooks();
    }

    function testFuzz_NoLockEndsEarlierThanTheOneBefore(uint64 first, uint64 second, uint32 wait) public {
        uint256 max = parameters.get("maxLock");
        first = uint64(bound(first, 0, max));
        second = uint64(bound(second, 0, max));
        _lock(first);
        uint64 before = staking.node(nodeId).lockedUntil;
        vm.warp(block.timestamp + wait);
        uint64 wanted = uint64(block.timestamp + second);
        if (wanted < before) {
            vm.expectRevert(abi.encodeWithSelector(E.LockShortened.selector, nodeId, wanted, before));
        }
        vm.prank(owner);
        staking.lock(nodeId, second);
        vm.assertGe(staking.node(nodeId).lockedUntil, before);
    }

    // --- requestUnstake

    function test_ThawingStakeNoLongerCountsAndKeepsItsVotes() public {
        _stake(10 ether);
        vm.expectEmit(address(staking));
        emit Ev.StakeChanged(nodeId, 6 ether, 4 ether);
        vm.expectEmit(address(staking));
        emit Ev.UnstakeRequested(nodeId, 0, 4 ether, uint64(block.timestamp + THAW));
        vm.assertEq(_thaw(4 ether), 0);
        vm.assertEq(_thaw(1 ether), 1);
        vm.assertEq(votes.getVotes(owner), 10 ether);
        _assertBooks();
    }

    function test_RejectsMoreThanThereIsAndNothing() public {
        _stake(1 ether);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.InsufficientStake.selector, nodeId, 1 ether + 1, 1 ether));
        staking.requestUnstake(nodeId, 1 ether + 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAmount.selector));
        staking.requestUnstake(nodeId, 0);
    }

    function test_ThawsAtMost32RequestsAtOnce() public {
        _stake(1 ether);
        for (uint256 i = 0; i < 32; i++) _thaw(1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.TooManyRequests.selector, nodeId));
        staking.requestUnstake(nodeId, 1);
    }

    function test_AShorterPeriodHelpsNewRequestsOnly() public {
        _stake(2 ether);
        uint64 slow = _thaw(1 ether);
        parameters.setThawPeriod(10 days);
        _nextEpoch();
        uint64 fast = _thaw(1 ether);
        vm.warp(block.timestamp + 10 days);
        vm.prank(owner);
        staking.withdraw(nodeId, fast, owner);
        vm.prank(owner);
        vm.expectPartialRevert(E.StillThawing.selector);
        staking.withdraw(nodeId, slow, owner);
    }

    function testFuzz_EveryRequestThawsForThePeriod(uint96 staked, uint96 amount, uint32 wait) public {
        uint256 all = bound(staked, 1, FUNDS);
        uint256 part = bound(amount, 1, all);
        _stake(all);
        uint64 requestId = _thaw(part);
        uint256 maturesAt = block.timestamp + THAW;
        vm.warp(block.timestamp + wait);
        if (wait < THAW) {
            vm.expectRevert(abi.encodeWithSelector(E.StillThawing.selector, nodeId, requestId, maturesAt));
        }
        vm.prank(owner);
        staking.withdraw(nodeId, requestId, ELSEWHERE);
        vm.assertEq(flk.balanceOf(ELSEWHERE), wait < THAW ? 0 : part);
        _assertBooks();
    }

    // --- cancelUnstake

    function test_ACancelledRequestIsStakeAgain() public {
        _stake(3 ether);
        uint64 first = _thaw(1 ether);
        uint64 second = _thaw(2 ether);
        vm.expectEmit(address(staking));
        emit Ev.StakeChanged(nodeId, 1 ether, 2 ether);
        vm.expectEmit(address(staking));
        emit Ev.UnstakeCancelled(nodeId, first, 1 ether);
        vm.prank(owner);
        staking.cancelUnstake(nodeId, first);
        INodeStaking.ThawingRequest[] memory left = staking.thawingRequests(nodeId);
        vm.assertEq(left.length, 1);
        vm.assertEq(left[0].id, second);
        _assertBooks();
    }

    function test_ARequestIsCancelledOnce() public {
        _stake(1 ether);
        uint64 requestId = _thaw(1 ether);
        vm.prank(owner);
        staking.cancelUnstake(nodeId, requestId);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownRequest.selector, nodeId, requestId));
        staking.cancelUnstake(nodeId, requestId);
    }

    function testFuzz_CancellingUndoesTheRequest(uint96 staked, uint96 amount, uint64 unknown) public {
        uint256 all = bound(staked, 1, FUNDS);
        _stake(all);
        uint64 requestId = _thaw(bound(amount, 1, all));
        if (unknown != requestId) {
            vm.prank(owner);
            vm.expectRevert(abi.encodeWithSelector(E.UnknownRequest.selector, nodeId, unknown));
            staking.cancelUnstake(nodeId, unknown);
        }
        vm.prank(owner);
        staking.cancelUnstake(nodeId, requestId);
        vm.assertEq(staking.node(nodeId).staked, all);
        _assertBooks();
    }

    // --- withdraw

    function test_StakeThawsAndLeavesAfterThePeriod() public {
        _stake(10 ether);
        uint64 id = _thaw(4 ether);

        uint64 maturesAt = uint64(block.timestamp + THAW);
        vm.warp(maturesAt - 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.StillThawing.selector, nodeId, id, maturesAt));
        staking.withdraw(nodeId, id, owner);

        vm.warp(maturesAt);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroRecipient.selector));
        staking.withdraw(nodeId, id, address(0));
        vm.expectEmit(address(staking));
        emit Ev.Withdrawn(nodeId, ELSEWHERE, id, 4 ether);
        vm.expectEmit(address(staking));
        emit Ev.StakeChanged(nodeId, 6 ether, 0);
        vm.prank(owner);
        staking.withdraw(nodeId, id, ELSEWHERE);
        vm.assertEq(flk.balanceOf(ELSEWHERE), 4 ether);
        vm.assertEq(votes.getVotes(owner), 6 ether);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownRequest.selector, nodeId, id));
        staking.withdraw(nodeId, id, owner);
        _assertBooks();
    }

    // --- withdrawMatured

    function test_WithdrawsEveryMaturedRequestAndNoOther() public {
        _stake(10 ether);
        for (uint256 i = 1; i <= 3; i++) {
            _thaw(i * 1 ether);
            vm.warp(block.timestamp + 50);
        }
        vm.warp(block.timestamp + THAW - 100);
        vm.prank(owner);
        vm.assertEq(staking.withdrawMatured(nodeId, ELSEWHERE), 3 ether);
        INodeStaking.ThawingRequest[] memory left = staking.thawingRequests(nodeId);
        vm.assertEq(left.length, 1);
        vm.assertEq(left[0].id, 2);
        vm.assertEq(staking.node(nodeId).thawing, 3 ether);
        _assertBooks();
    }

    function test_WithdrawsNothingBeforeAnythingMatured() public {
        _stake(1 ether);
        bytes memory nothing = abi.encodeWithSelector(E.NothingMatured.selector, nodeId);
        vm.prank(owner);
        vm.expectRevert(nothing);
        staking.withdrawMatured(nodeId, owner);
        _thaw(1 ether);
        vm.warp(block.timestamp + THAW - 1);
        vm.prank(owner);
        vm.expectRevert(nothing);
        staking.withdrawMatured(nodeId, owner);
        vm.warp(block.timestamp + 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroRecipient.selector));
        staking.withdrawMatured(nodeId, address(0));
    }

    function testFuzz_WithdrawsExactlyWhatMatured(uint256 seed, uint32 wait) public {
        uint256 matured = 0;
        uint256 until = block.timestamp + THAW + bound(wait, 0, 500);
        _stake(FUNDS);
        for (uint256 i = 0; i < 8; i++) {
            uint256 amount = bound(uint256(keccak256(abi.encode(seed, i))), 1, FUNDS / 8);
            _thaw(amount);
            if (block.timestamp + THAW <= until) matured += amount;
            vm.warp(block.timestamp + ((seed >> (8 * i)) % 100));
        }
        vm.warp(until);
        vm.prank(owner);
        vm.assertEq(staking.withdrawMatured(nodeId, ELSEWHERE), matured);
        vm.assertEq(flk.balanceOf(ELSEWHERE), matured);
        _assertBooks();
    }

    // --- stakeBound

    /// @dev Whoever was drawn with what it had then is no wrong member for having less now.
    function test_WhatWasStakedOnceBoundsTheStakeForGood() public {
        _stake(10 ether);
        _thaw(10 ether);
        _stake(1 ether);
        vm.assertEq(staking.stakeBound(nodeId), 10 ether);
        _stake(9 ether + 1);
        vm.assertEq(staking.stakeBound(nodeId), 11 ether);
    }

    function test_StakeBeyond24BitsOfFlkHasNoBound() public {
        uint256 most = 2 ** 24 - 2;
        flk.transfer(owner, most * 1 ether);
        _stake(most * 1 ether);
        vm.assertEq(staking.stakeBound(nodeId), most * 1 ether);
        _stake(1);
        vm.assertEq(staking.stakeBound(nodeId), type(uint256).max);
    }

    // --- helpers

    function _lock(uint64 duration) private {
        vm.prank(owner);
        staking.lock(nodeId, duration);
    }

    function _permit(uint256 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 inner = keccak256(
            abi.encode(typeHash, owner, address(staking), amount, flk.nonces(owner), block.timestamp)
        );
        return vm.sign(OWNER_KEY, keccak256(abi.encodePacked("\x19\x01", flk.DOMAIN_SEPARATOR(), inner)));
    }
}
