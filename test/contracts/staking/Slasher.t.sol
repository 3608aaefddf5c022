// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStakingEvents} from "../../../contracts/interfaces/INodeStaking.sol";
import {ISlasher, ISlasherErrors as E, ISlasherEvents as Ev} from "../../../contracts/interfaces/ISlasher.sol";
import {Equivocation} from "../support/Equivocation.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice slashEquivocation with evidence that holds: who loses what, who gets what, and how often.
contract SlasherTest is StakingFixture {
    uint256 private constant SLASH_BPS = 1_000;
    uint256 private constant REWARD_BPS = 500;

    function test_AnEquivocatorLosesAShareOfAllItsStake() public {
        _stake(100 ether);
        _thaw(40 ether);
        vm.prank(owner);
        staking.lock(nodeId, 365 days);
        uint256 supply = flk.totalSupply();
        vm.expectEmit(address(staking));
        emit INodeStakingEvents.Slashed(nodeId, 10 ether, REPORTER, 0.5 ether);
        vm.expectEmit(address(slasher));
        emit Ev.EquivocationSlashed(nodeId, 0, 1, 1);
        vm.prank(STRANGER);
        vm.assertEq(slasher.slashEquivocation(_equivocation(0), REPORTER), 10 ether);
        vm.assertEq(staking.node(nodeId).staked, 54 ether);
        vm.assertEq(staking.node(nodeId).thawing, 36 ether);
        vm.assertEq(flk.balanceOf(REPORTER), 0.5 ether);
        vm.assertEq(flk.totalSupply(), supply - 9.5 ether);
        vm.assertFalse(staking.node(nodeId).optedIn);
        _assertBooks();
    }

    function test_OncePerNodeAndEpochWhateverTheKindSlotAndPayload() public {
        _stake(100 ether);
        slasher.slashEquivocation(_equivocation(0), REPORTER);
        vm.assertTrue(slasher.isSlashed(nodeId, 0));
        vm.assertFalse(slasher.isSlashed(nodeId, 1));
        ISlasher.Evidence memory other = Equivocation.single(slasher, 0, _keyId(nodeId, 0), secretOf(nodeId));
        other.kind = 3;
        other.slot = 77;
        (other.payloadA, other.payloadB) = (bytes32(uint256(1)), bytes32(uint256(2)));
        other = Equivocation.resigned(slasher, other, secretOf(nodeId), secretOf(nodeId));
        vm.expectRevert(abi.encodeWithSelector(E.AlreadySlashed.selector, nodeId, 0));
        slasher.slashEquivocation(other, REPORTER);
        slasher.slashEquivocation(_equivocation(1), REPORTER);
        vm.assertEq(staking.node(nodeId).staked, 81 ether);
    }

    function test_EvidenceExpiresByEpochsAndNotByTime() public {
        _stake(100 ether);
        for (uint256 i = 0; i < 7; i++) _nextEpoch();
        vm.warp(block.timestamp + 1_000 days);
        vm.assertEq(slasher.slashEquivocation(_equivocation(0), REPORTER), 10 ether);
    }

    function test_AnEpochAheadOfTheSettlementByOneCounts() public {
        _stake(100 ether);
        slasher.slashEquivocation(_equivocation(1), REPORTER);
        ISlasher.Evidence memory early = _equivocation(2);
        vm.expectRevert(abi.encodeWithSelector(E.EpochTooLate.selector, 2, 1));
        slasher.slashEquivocation(early, REPORTER);
        _nextEpoch();
        slasher.slashEquivocation(early, REPORTER);
    }

    function test_WithoutStakeNothingIsSlashedAndTheEpochStaysOpen() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToSlash.selector, nodeId));
        slasher.slashEquivocation(evidence, REPORTER);
        vm.assertFalse(slasher.isSlashed(nodeId, 0));
        _stake(1);
        vm.assertEq(slasher.slashEquivocation(_equivocation(0), REPORTER), 1);
        vm.assertEq(staking.slashable(nodeId), 0);
        _assertBooks();
    }

    function test_StakeThatLeftIsSafeAndStakeThatThawsIsNot() public {
        _stake(10 ether);
        uint64 requestId = _thaw(10 ether);
        vm.warp(block.timestamp + THAW);
        vm.assertEq(slasher.slashEquivocation(_equivocation(0), REPORTER), 1 ether);
        vm.prank(owner);
        staking.withdraw(nodeId, requestId, owner);
        vm.assertEq(flk.balanceOf(owner), FUNDS - 1 ether);
        ISlasher.Evidence memory evidence = _equivocation(1);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToSlash.selector, nodeId));
        slasher.slashEquivocation(evidence, REPORTER);
    }

    function test_OldKeysAreSlashableAndNewOnesToo() public {
        _stake(100 ether);
        _rotate(222);
        _nextEpoch();
        slasher.slashEquivocation(_equivocation(0), REPORTER);
        slasher.slashEquivocation(Equivocation.single(slasher, 1, _keyId(nodeId, 1), 222), REPORTER);
        vm.assertEq(staking.node(nodeId).staked, 81 ether);
        ISlasher.Evidence memory again = Equivocation.single(slasher, 1, _keyId(nodeId, 0), secretOf(nodeId));
        vm.expectRevert(abi.encodeWithSelector(E.AlreadySlashed.selector, nodeId, 1));
        slasher.slashEquivocation(again, REPORTER);
    }

    function test_TheGovernedSharesAreThoseInForce() public {
        _stake(100 ether);
        parameters.setSlashing(10_000, 5_000);
        vm.assertEq(slasher.slashEquivocation(_equivocation(0), REPORTER), 10 ether);
        _nextEpoch();
        vm.assertEq(slasher.slashEquivocation(_equivocation(1), REPORTER), 90 ether);
        vm.assertEq(flk.balanceOf(REPORTER), 45.5 ether);
        vm.assertEq(staking.thawingRequests(nodeId).length, 0);
        _assertBooks();
    }

    function test_TheReporterIsSomebody() public {
        _stake(1 ether);
        ISlasher.Evidence memory evidence = _equivocation(0);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroReporter.selector));
        slasher.slashEquivocation(evidence, address(0));
    }

    // --- aggregates

    function test_EverySignerOfBothAggregatesIsSlashedAndNoOther() public {
        _stakeOf(1, 100 ether);
        _stakeOf(2, 200 ether);
        _stakeOf(3, 400 ether);
        _stakeOf(4, 800 ether);
        ISlasher.Evidence memory evidence = _aggregates(ids(1, 2, 3), ids(2, 3, 4));
        vm.assertEq(slasher.slashEquivocation(evidence, REPORTER), 60 ether);
        vm.assertEq(staking.slashable(1), 100 ether);
        vm.assertEq(staking.slashable(2), 180 ether);
        vm.assertEq(staking.slashable(3), 360 ether);
        vm.assertEq(staking.slashable(4), 800 ether);
        vm.assertEq(flk.balanceOf(REPORTER), 3 ether);
    }

    function test_TheSameSignersTwiceAreAllSlashed() public {
        for (uint32 id = 1; id <= 3; id++) _stakeOf(id, 100 ether);
        vm.assertEq(slasher.slashEquivocation(_aggregates(ids(1, 2, 3), ids(1, 2, 3)), REPORTER), 30 ether);
    }

    function test_ThoseSlashedBeforeAreSkipped() public {
        _stakeOf(1, 100 ether);
        _stakeOf(2, 100 ether);
        slasher.slashEquivocation(Equivocation.single(slasher, 0, _keyId(1, 0), secretOf(1)), REPORTER);
        ISlasher.Evidence memory both = _aggregates(ids(1, 2), ids(1, 2));
        vm.assertEq(slasher.slashEquivocation(both, REPORTER), 10 ether);
        vm.expectRevert(abi.encodeWithSelector(E.AlreadySlashed.selector, 2, 0));
        slasher.slashEquivocation(both, REPORTER);
    }

    function test_ThoseWithoutStakeAreSkipped() public {
        _stakeOf(2, 100 ether);
        ISlasher.Evidence memory both = _aggregates(ids(1, 2), ids(1, 2));
        vm.assertEq(slasher.slashEquivocation(both, REPORTER), 10 ether);
        // One was slashed before, the other has nothing: the one slashed is named.
        vm.expectRevert(abi.encodeWithSelector(E.AlreadySlashed.selector, 2, 0));
        slasher.slashEquivocation(both, REPORTER);
        // The epoch stays open for the other: stake that comes later answers for it.
        vm.assertFalse(slasher.isSlashed(1, 0));
        _stakeOf(1, 50 ether);
        vm.assertEq(slasher.slashEquivocation(both, REPORTER), 5 ether);
    }

    function test_WithoutACommonSignerNobodyIsSlashed() public {
        _stakeOf(1, 100 ether);
        ISlasher.Evidence memory evidence = _aggregates(ids(1, 2), ids(3, 4));
        vm.expectRevert(abi.encodeWithSelector(E.NoCommonSigner.selector));
        slasher.slashEquivocation(evidence, REPORTER);
    }

    function testFuzz_ExactlyTheCommonSignersAreSlashed(uint8 maskA, uint8 maskB, uint64 epoch) public {
        (maskA, maskB, epoch) = (uint8(bound(maskA, 1, 15)), uint8(bound(maskB, 1, 15)), uint64(bound(epoch, 0, 1)));
        for (uint32 id = 1; id <= 4; id++) _stakeOf(id, uint256(id) * 10 ether);
        ISlasher.Evidence memory evidence = _aggregates(_members(maskA), _members(maskB));
        if (epoch == 1) {
            evidence.epoch = 1;
            evidence = Equivocation.resigned(slasher, evidence, _sum(maskA), _sum(maskB));
        }
        if (maskA & maskB == 0) vm.expectRevert(abi.encodeWithSelector(E.NoCommonSigner.selector));
        slasher.slashEquivocation(evidence, REPORTER);
        for (uint32 id = 1; id <= 4; id++) {
            bool common = ((maskA & maskB) >> (id - 1)) & 1 == 1;
            vm.assertEq(staking.slashable(id), uint256(id) * (common ? 9 ether : 10 ether));
            vm.assertTrue(slasher.isSlashed(id, epoch) == common);
        }
    }

    function testFuzz_TheShareIsExactForAnyStake(
        uint96 staked,
        uint96 thawing,
        uint16 slashBps,
        uint16 rewardBps
    ) public {
        uint256 all = bound(staked, 1, FUNDS);
        slashBps = uint16(bound(slashBps, 1, 10_000));
        rewardBps = uint16(bound(rewardBps, 0, 5_000));
        parameters.setSlashing(slashBps, rewardBps);
        _nextEpoch();
        _stake(all);
        uint256 part = bound(thawing, 0, all);
        if (part != 0) _thaw(part);
        uint256 expected = (all * slashBps + 9_999) / 10_000;
        uint256 supply = flk.totalSupply();
        vm.assertEq(slasher.slashEquivocation(_equivocation(0), REPORTER), expected);
        vm.assertEq(flk.balanceOf(REPORTER), (expected * rewardBps) / 10_000);
        vm.assertEq(flk.totalSupply() + expected, supply + flk.balanceOf(REPORTER));
        vm.assertEq(staking.slashable(nodeId), all - expected);
        _assertBooks();
    }

    // --- helpers

    function _stakeOf(uint32 id, uint256 amount) private {
        address account = staking.node(id).owner;
        if (flk.balanceOf(account) == 0) _fund(account);
        vm.prank(account);
        staking.stake(id, amount);
    }

    function _aggregates(uint32[] memory a, uint32[] memory b) private view returns (ISlasher.Evidence memory) {
        return Equivocation.aggregated(slasher, 0, _keys(a), _secrets(a), _keys(b), _secrets(b));
    }

    function _keys(uint32[] memory nodeIds) private pure returns (uint64[] memory made) {
        made = new uint64[](nodeIds.length);
        for (uint256 i = 0; i < made.length; i++) made[i] = _keyId(nodeIds[i], 0);
    }

    function _secrets(uint32[] memory nodeIds) private pure returns (uint256[] memory made) {
        made = new uint256[](nodeIds.length);
        for (uint256 i = 0; i < made.length; i++) made[i] = secretOf(nodeIds[i]);
    }

    function _members(uint8 mask) private pure returns (uint32[] memory made) {
        uint256 count = 0;
        for (uint256 i = 0; i < 4; i++) count += (mask >> i) & 1;
        made = new uint32[](count);
        for (uint32 i = 4; i > 0; i--) if ((mask >> (i - 1)) & 1 == 1) made[--count] = i;
    }

    function _sum(uint8 mask) private pure returns (uint256) {
        return Equivocation.sum(_secrets(_members(mask)));
    }
}
