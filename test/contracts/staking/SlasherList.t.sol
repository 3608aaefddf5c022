// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {ISlasherErrors as E, ISlasherEvents as Ev, ISlasherTypes} from "../../../contracts/interfaces/ISlasher.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice slashListed, releaseSlashList, voidSlashList: lists that a committee certified.
contract SlasherListTest is StakingFixture {
    uint128 private constant CAP = 1_000_000 ether;

    // --- slashListed

    function test_TakesWhatTheListSaysAndBurnsItAll() public {
        _stakeOf(1, 100 ether);
        _stake(50 ether);
        _thaw(20 ether);
        bytes memory list = bytes.concat(_entry(1, 30 ether), _entry(nodeId, 5 ether));
        _certify(list);
        uint256 supply = flk.totalSupply();
        vm.expectEmit(address(slasher));
        emit Ev.SlashListApplied(0, 2, 2, 35 ether);
        vm.prank(STRANGER);
        vm.assertEq(slasher.slashListed(0, list), 35 ether);
        vm.assertEq(staking.slashable(1), 70 ether);
        vm.assertEq(staking.slashable(nodeId), 45 ether);
        vm.assertEq(staking.node(nodeId).thawing, 18 ether);
        vm.assertEq(flk.totalSupply(), supply - 35 ether);
        vm.assertEq(flk.balanceOf(STRANGER), 0);
        _assertState(0, ISlasherTypes.ListState.Applied, 2);
        _assertBooks();
    }

    function test_AListIsAppliedOnce() public {
        _stake(50 ether);
        bytes memory list = _entry(nodeId, 5 ether);
        _certify(list);
        slasher.slashListed(0, list);
        vm.expectRevert(abi.encodeWithSelector(E.SlashListClosed.selector, 0, ISlasherTypes.ListState.Applied));
        slasher.slashListed(0, list);
    }

    function test_OnlyTheListOfAnActiveSettlementIsKnown() public {
        bytes memory list = _entry(nodeId, 5 ether);
        bytes memory unknown = abi.encodeWithSelector(E.UnknownSlashList.selector, 0);
        vm.expectRevert(unknown);
        slasher.slashListed(0, list);
        vm.expectRevert(unknown);
        slasher.releaseSlashList(0);
        vm.expectRevert(unknown);
        slasher.voidSlashList(0);
        _nextEpoch();
        vm.expectRevert(unknown);
        slasher.slashListed(0, "");
    }

    function test_AListThatIsNotActiveYetWaits() public {
        IEpochSettlement.Limits memory limits = settlement.limits();
        limits.activationDelay = 1 days;
        settlement.setLimits(limits);
        _stake(50 ether);
        bytes memory list = _entry(nodeId, 5 ether);
        _certify(list);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownSlashList.selector, 0));
        slasher.slashListed(0, list);
        vm.warp(block.timestamp + 1 days);
        settlement.activate(newest);
        vm.assertEq(slasher.slashListed(0, list), 5 ether);
    }

    function testFuzz_NoOtherListWillDo(bytes calldata other) public {
        bytes memory list = _entry(nodeId, 5 ether);
        vm.assume(keccak256(other) != keccak256(list));
        _certify(list);
        vm.expectRevert(abi.encodeWithSelector(E.WrongSlashList.selector, keccak256(other), keccak256(list)));
        slasher.slashListed(0, other);
    }

    function test_EntriesAreWholeAndAscend() public {
        bytes[4] memory malformed = [
            bytes.concat(_entry(1, 1), hex"00"),
            bytes.concat(_entry(2, 1), _entry(1, 1)),
            bytes.concat(_entry(1, 1), _entry(1, 1)),
            _entry(0, 1)
        ];
        for (uint64 i = 0; i < malformed.length; i++) {
            _certify(malformed[i]);
            vm.expectRevert(abi.encodeWithSelector(E.MalformedSlashList.selector));
            slasher.slashListed(i, malformed[i]);
        }
    }

    function test_TakesNoMoreThanThereIsAndSkipsNodesThatAreNotThere() public {
        _stake(3 ether);
        bytes memory list = bytes.concat(_entry(1, 1 ether), _entry(nodeId, 5 ether), _entry(4_000_000, 1 ether));
        _certify(list);
        vm.assertEq(slasher.slashListed(0, list), 3 ether);
        vm.assertEq(staking.slashable(nodeId), 0);
        _assertBooks();
    }

    function test_ALongListIsAppliedInParts() public {
        _stake(100 ether);
        bytes memory list;
        for (uint32 id = 1; id <= 120; id++) list = bytes.concat(list, _entry(id, 1 ether));
        _certify(list);
        vm.expectEmit(address(slasher));
        emit Ev.SlashListApplied(0, 50, 120, 1 ether);
        vm.assertEq(slasher.slashListed(0, list), 1 ether);
        _assertState(0, ISlasherTypes.ListState.Open, 50);
        slasher.slashListed(0, list);
        _assertState(0, ISlasherTypes.ListState.Open, 100);
        // What was found allowed once stays so.
        parameters.setMaxSlashPerEpoch(0);
        _nextEpoch();
        slasher.slashListed(0, list);
        _assertState(0, ISlasherTypes.ListState.Applied, 120);
        vm.assertEq(staking.slashable(nodeId), 99 ether);
    }

    function testFuzz_TakesExactlyWhatIsThereOfEachEntry(uint96[4] calldata stakes, uint96[4] calldata amounts) public {
        bytes memory list;
        uint256 expected = 0;
        for (uint32 id = 1; id <= 4; id++) {
            uint256 staked = bound(stakes[id - 1], 1, FUNDS);
            uint256 amount = bound(amounts[id - 1], 0, 2 * FUNDS);
            _stakeOf(id, staked);
            list = bytes.concat(list, _entry(id, uint128(amount)));
            expected += amount < staked ? amount : staked;
        }
        _certify(list);
        uint256 supply = flk.totalSupply();
        vm.assertEq(slasher.slashListed(0, list), expected);
        vm.assertEq(flk.totalSupply(), supply - expected);
        (uint256 left, uint256 thawing) = staking.totals();
        vm.assertEq(left + thawing, flk.balanceOf(address(staking)));
    }

    function testFuzz_AnyListOrEpochThatNobodyCertifiedIsRefused(uint64 epoch, bytes calldata list) public {
        vm.expectRevert(abi.encodeWithSelector(E.UnknownSlashList.selector, epoch));
        slasher.slashListed(epoch, list);
    }

    // --- the cap, releaseSlashList, voidSlashList

    function test_AListAboveTheCapWaitsForGovernance() public {
        _stake(50 ether);
        bytes memory list = bytes.concat(_entry(1, CAP), _entry(nodeId, 1));
        _certify(list);
        vm.expectRevert(abi.encodeWithSelector(E.SlashListAboveCap.selector, uint256(CAP) + 1, uint256(CAP)));
        slasher.slashListed(0, list);
        vm.expectEmit(address(slasher));
        emit Ev.SlashListReleased(0);
        slasher.releaseSlashList(0);
        _assertState(0, ISlasherTypes.ListState.Released, 0);
        vm.assertEq(slasher.slashListed(0, list), 1);
        _assertState(0, ISlasherTypes.ListState.Applied, 2);
    }

    function test_AListAtTheCapDoesNotWait() public {
        bytes memory list = _entry(1, CAP);
        _certify(list);
        vm.assertEq(slasher.slashListed(0, list), 0);
    }

    function test_AVoidedListIsNeverApplied() public {
        _stake(50 ether);
        bytes memory list = _entry(nodeId, 5 ether);
        _certify(list);
        slasher.releaseSlashList(0);
        vm.expectEmit(address(slasher));
        emit Ev.SlashListVoided(0);
        slasher.voidSlashList(0);
        bytes memory closed = abi.encodeWithSelector(E.SlashListClosed.selector, 0, ISlasherTypes.ListState.Voided);
        vm.expectRevert(closed);
        slasher.slashListed(0, list);
        vm.expectRevert(closed);
        slasher.releaseSlashList(0);
        vm.expectRevert(closed);
        slasher.voidSlashList(0);
        vm.assertEq(staking.slashable(nodeId), 50 ether);
    }

    function test_WhatIsLeftOfAListCanBeVoided() public {
        bytes memory list;
        for (uint32 id = 1; id <= 60; id++) list = bytes.concat(list, _entry(id, 1 ether));
        _certify(list);
        slasher.slashListed(0, list);
        slasher.voidSlashList(0);
        _assertState(0, ISlasherTypes.ListState.Voided, 50);
        vm.expectRevert(abi.encodeWithSelector(E.SlashListClosed.selector, 0, ISlasherTypes.ListState.Voided));
        slasher.slashListed(0, list);
    }

    function test_AListIsReleasedOrVoidedOnceAndNotAfterItWasApplied() public {
        bytes memory list = _entry(1, 1);
        _certify(list);
        slasher.releaseSlashList(0);
        vm.expectRevert(abi.encodeWithSelector(E.SlashListClosed.selector, 0, ISlasherTypes.ListState.Released));
        slasher.releaseSlashList(0);
        slasher.slashListed(0, list);
        bytes memory closed = abi.encodeWithSelector(E.SlashListClosed.selector, 0, ISlasherTypes.ListState.Applied);
        vm.expectRevert(closed);
        slasher.releaseSlashList(0);
        vm.expectRevert(closed);
        slasher.voidSlashList(0);
    }

    function testFuzz_OnlyGovernanceReleasesAndVoids(address caller, uint64 epoch) public {
        vm.assume(caller != address(this));
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
        vm.prank(caller);
        vm.expectRevert(refused);
        slasher.releaseSlashList(epoch);
        vm.prank(caller);
        vm.expectRevert(refused);
        slasher.voidSlashList(epoch);
    }

    // --- helpers

    function _entry(uint32 id, uint128 amount) private pure returns (bytes memory) {
        return abi.encodePacked(id, amount);
    }

    function _certify(bytes memory list) private {
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.slashListHash = keccak256(list);
        _settle(s);
    }

    function _stakeOf(uint32 id, uint256 amount) private {
        address account = staking.node(id).owner;
        _fund(account);
        vm.prank(account);
        staking.stake(id, amount);
    }

    function _assertState(uint64 epoch, ISlasherTypes.ListState expected, uint256 entries) private view {
        (ISlasherTypes.ListState state, uint32 applied) = slasher.slashList(epoch);
        vm.assertTrue(state == expected);
        vm.assertEq(applied, entries);
    }
}
