// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {INodeStakingErrors as E, INodeStakingEvents as Ev} from "../../../contracts/interfaces/INodeStaking.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, Vm, vm} from "../support/Vm.sol";

/// @notice slash, as the slasher calls it: exact, in proportion, never more than there is, thawing and locked stake included.
contract NodeStakingSlashTest is StakingFixture {
    function test_OnlyTheSlasherSlashes() public {
        _stake(1 ether);
        vm.expectRevert(abi.encodeWithSelector(E.NotSlasher.selector, address(this)));
        staking.slash(nodeId, 1, REPORTER, 0);
    }

    function testFuzz_NobodyElseSlashes(address caller, uint32 id, uint256 amount, address to, uint256 reward) public {
        vm.assume(caller != address(slasher));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(E.NotSlasher.selector, caller));
        staking.slash(id, amount, to, reward);
    }

    function test_PaysTheReporterAndBurnsTheRest() public {
        _stake(10 ether);
        uint256 supply = flk.totalSupply();
        vm.expectEmit(address(staking));
        emit Ev.ParticipationSet(nodeId, false);
        vm.expectEmit(address(staking));
        emit Ev.StakeChanged(nodeId, 7 ether, 0);
        vm.expectEmit(address(staking));
        emit Ev.Slashed(nodeId, 3 ether, REPORTER, 1 ether);
        vm.assertEq(_slash(3 ether, 1 ether), 3 ether);
        vm.assertEq(flk.balanceOf(REPORTER), 1 ether);
        vm.assertEq(flk.totalSupply(), supply - 2 ether);
        vm.assertEq(votes.getVotes(owner), 7 ether);
        vm.assertEq(staking.stakeBound(nodeId), 10 ether);
        _assertBooks();
    }

    function test_TheRewardIsPartOfWhatIsSlashed() public {
        _stake(3 ether);
        uint256 supply = flk.totalSupply();
        vm.recordLogs();
        vm.assertEq(_slash(2 ether, 5 ether), 2 ether);
        vm.assertEq(flk.balanceOf(REPORTER), 2 ether);
        vm.assertEq(flk.totalSupply(), supply);
        _assertBooks();
        // The reward, and no burn of nothing.
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 moves = 0;
        for (uint256 i = 0; i < logs.length; i++) if (logs[i].emitter == address(flk)) moves++;
        vm.assertEq(moves, 1);
    }

    function test_WithoutARewardEverythingIsBurned() public {
        _stake(3 ether);
        uint256 supply = flk.totalSupply();
        vm.prank(address(slasher));
        staking.slash(nodeId, 1 ether, address(0), 0);
        vm.assertEq(flk.totalSupply(), supply - 1 ether);
        _assertBooks();
    }

    function test_NoRewardGoesToNobody() public {
        _stake(3 ether);
        vm.prank(address(slasher));
        vm.expectRevert(abi.encodeWithSelector(E.ZeroRecipient.selector));
        staking.slash(nodeId, 1 ether, address(0), 1);
    }

    function test_ASlashOptsOutUntilTheNodeSaysOtherwise() public {
        _stake(3 ether);
        _slash(1 ether, 0);
        vm.assertFalse(staking.node(nodeId).optedIn);
        vm.recordLogs();
        _slash(1 ether, 0);
        vm.assertEq(uint256(staking.node(nodeId).slashed), 2 ether);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) vm.assertTrue(logs[i].topics[0] != Ev.ParticipationSet.selector);
        vm.prank(owner);
        staking.setParticipation(nodeId, true);
        vm.assertTrue(staking.node(nodeId).optedIn);
    }

    function test_TakesThawingMaturedAndLockedStakeAlike() public {
        _stakeAndThaw(40 ether, _amounts(20 ether, 30 ether));
        vm.warp(block.timestamp + THAW);
        _stake(10 ether);
        _thaw(10 ether);
        vm.prank(owner);
        staking.lock(nodeId, 365 days);
        _slash(50 ether, 0);
        INodeStaking.ThawingRequest[] memory left = staking.thawingRequests(nodeId);
        vm.assertEq(left[0].amount, 10 ether);
        vm.assertEq(left[1].amount, 15 ether);
        vm.assertEq(left[2].amount, 5 ether);
        vm.assertEq(staking.node(nodeId).staked, 20 ether);
        vm.prank(owner);
        vm.assertEq(staking.withdrawMatured(nodeId, owner), 25 ether);
        _assertBooks();
    }

    function test_SlashingEverythingEndsEveryRequest() public {
        _stakeAndThaw(1 ether, _amounts(2 ether, 3 ether));
        vm.assertEq(_slash(6 ether, 0), 6 ether);
        vm.assertEq(staking.thawingRequests(nodeId).length, 0);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownRequest.selector, nodeId, 0));
        staking.cancelUnstake(nodeId, 0);
        vm.warp(block.timestamp + THAW);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.NothingMatured.selector, nodeId));
        staking.withdrawMatured(nodeId, owner);
        _assertBooks();
        // Ids go on: no new request takes the place of an old one.
        _stake(1 ether);
        vm.assertEq(_thaw(1 ether), 2);
    }

    function test_NeverTakesMoreThanThereIs() public {
        _stakeAndThaw(1 ether, _amounts(2 ether, 3 ether));
        vm.assertEq(_slash(type(uint256).max, 1), 6 ether);
        vm.assertEq(staking.slashable(nodeId), 0);
        _assertBooks();
    }

    function test_TakesNothingFromNothing() public {
        vm.assertEq(_slash(1 ether, 1 ether), 0);
        vm.assertTrue(staking.node(nodeId).optedIn);
        vm.prank(address(slasher));
        vm.assertEq(staking.slash(99, 1 ether, REPORTER, 1), 0);
        _stake(1 ether);
        vm.assertEq(_slash(0, 1), 0);
        vm.assertEq(flk.balanceOf(REPORTER), 0);
        _assertBooks();
    }

    function test_ARequestOfWhichNothingIsLeftIsGone() public {
        _stakeAndThaw(0, _amounts(1, 1));
        _slash(1, 0);
        vm.assertEq(staking.thawingRequests(nodeId).length, 1);
        _assertBooks();
    }

    function test_WorksWhilePaused() public {
        _stake(2 ether);
        staking.pauseFor(60);
        vm.assertEq(_slash(1 ether, 0), 1 ether);
    }

    function testFuzz_EveryWeiIsAccountedForAndNoShareIsOffByOne(uint256 seed, uint8 count, uint256 amount) public {
        count = uint8(bound(count, 0, 32));
        uint256[] memory thawing = new uint256[](count);
        for (uint256 i = 0; i < count; i++) thawing[i] = _some(seed, i);
        uint256 staked = _some(seed, 99) - 1;
        _stakeAndThaw(staked, thawing);
        uint256 all = staking.slashable(nodeId);
        if (all == 0) return;
        amount = bound(amount, 1, all);
        (uint256 supply, uint256 reward) = (flk.totalSupply(), amount / 3);

        vm.assertEq(_slash(amount, reward), amount);
        vm.assertEq(staking.slashable(nodeId), all - amount);
        vm.assertEq(flk.totalSupply(), supply - (amount - reward));
        vm.assertEq(flk.balanceOf(REPORTER), reward);
        _assertShare(staking.node(nodeId).staked, staked, amount, all);
        for (uint256 i = 0; i < count; i++) _assertShare(_left(uint64(i)), thawing[i], amount, all);
        _assertBooks();
    }

    function testFuzz_ManySlashesTakeWhatTheySay(uint256 seed, uint96[6] calldata amounts) public {
        uint256[] memory thawing = new uint256[](5);
        for (uint256 i = 0; i < thawing.length; i++) thawing[i] = _some(seed, i);
        _stakeAndThaw(_some(seed, 99), thawing);
        uint256 left = staking.slashable(nodeId);
        for (uint256 i = 0; i < amounts.length; i++) {
            uint256 taken = amounts[i] < left ? amounts[i] : left;
            vm.assertEq(_slash(amounts[i], amounts[i] / 2), taken);
            left -= taken;
            _assertBooks();
        }
        vm.assertEq(staking.slashable(nodeId), left);
    }

    // --- helpers

    function _slash(uint256 amount, uint256 reward) private returns (uint256) {
        vm.prank(address(slasher));
        return staking.slash(nodeId, amount, REPORTER, reward);
    }

    /// @dev Dust and large amounts alike.
    function _some(uint256 seed, uint256 index) private pure returns (uint256) {
        uint256 value = uint256(keccak256(abi.encode(seed, index)));
        return value % 2 == 0 ? bound(value >> 8, 1, 5) : bound(value >> 8, 1, FUNDS / 40);
    }

    /// @dev What is left is the exact share, less than a wei off.
    function _assertShare(uint256 left, uint256 before, uint256 amount, uint256 all) private pure {
        uint256 lost = before - left;
        vm.assertLe(lost * all, before * amount + all - 1);
        vm.assertGe(lost * all + all - 1, before * amount);
    }

    function _left(uint64 requestId) private view returns (uint256) {
        INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(nodeId);
        for (uint256 i = 0; i < requests.length; i++) {
            if (requests[i].id == requestId) return requests[i].amount;
        }
        return 0;
    }

    function _amounts(uint256 a, uint256 b) private pure returns (uint256[] memory made) {
        made = new uint256[](2);
        (made[0], made[1]) = (a, b);
    }
}
