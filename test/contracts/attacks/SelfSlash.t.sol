// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Equivocation} from "../support/Equivocation.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice An owner equivocates on purpose and reports itself, for the reward or to get at stake that is locked or thaws.
contract SelfSlashTest is StakingFixture {
    uint16 private constant HIGHEST_REWARD = 5_000;

    function test_TheRewardNeverExceedsHalfOfTheLoss() public view {
        (, uint256 max) = parameters.bounds("reporterRewardBps");
        vm.assertEq(max, HIGHEST_REWARD);
    }

    function test_OneSlashCostsAtLeastHalfOfWhatItTakes() public {
        _govern(10_000, HIGHEST_REWARD);
        _stake(FUNDS);
        vm.prank(owner);
        staking.lock(nodeId, 365 days);
        slasher.slashEquivocation(_equivocation(0), owner);
        vm.assertEq(flk.balanceOf(owner), FUNDS / 2);
        vm.assertEq(staking.slashable(nodeId), 0);
    }

    function testFuzz_NoSplitOverEpochsPays(uint16 slashBps, uint16 rewardBps, uint96 staked, uint96 thaw) public {
        _govern(uint16(bound(slashBps, 1, 10_000)), uint16(bound(rewardBps, 0, HIGHEST_REWARD)));
        uint256 all = bound(staked, 1, FUNDS);
        _stake(all);
        uint256 part = bound(thaw, 0, all);
        if (part != 0) _thaw(part);
        uint256 wealth = _wealth();
        uint256 supply = flk.totalSupply();
        for (uint64 epoch = 0; epoch <= settlement.nextEpoch() + 1 && staking.slashable(nodeId) != 0; epoch++) {
            uint256 taken = slasher.slashEquivocation(_equivocation(epoch), owner);
            uint256 left = _wealth();
            // Half of what is taken is gone, and burned: nobody else has it either.
            vm.assertGe(wealth - left, (taken + 1) / 2);
            vm.assertEq(supply - flk.totalSupply(), wealth - left);
            (wealth, supply) = (left, flk.totalSupply());
        }
    }

    function testFuzz_NoSplitOverNodesPays(uint16 slashBps, uint16 rewardBps, uint256 seed) public {
        _govern(uint16(bound(slashBps, 1, 10_000)), uint16(bound(rewardBps, 0, HIGHEST_REWARD)));
        uint32[] memory own = new uint32[](3);
        for (uint32 i = 0; i < own.length; i++) {
            own[i] = registerNode(owner);
            vm.prank(owner);
            // Down to dust, where shares are rounded.
            staking.stake(own[i], bound(uint256(keccak256(abi.encode(seed, i))), 1, i == 0 ? 3 : FUNDS / 4));
        }
        uint256 wealth = flk.balanceOf(owner);
        for (uint256 i = 0; i < own.length; i++) wealth += staking.slashable(own[i]);
        uint256 taken = 0;
        for (uint256 i = 0; i < own.length; i++) {
            taken += slasher.slashEquivocation(
                Equivocation.single(slasher, 1, _keyId(own[i], 0), secretOf(own[i])),
                owner
            );
        }
        uint256 left = flk.balanceOf(owner);
        for (uint256 i = 0; i < own.length; i++) left += staking.slashable(own[i]);
        vm.assertGe(wealth - left, (taken + 1) / 2);
    }

    function test_AccomplicesInOneAggregateGainNothingEither() public {
        _govern(10_000, HIGHEST_REWARD);
        uint32 second = registerNode(owner);
        _stake(10 ether);
        vm.prank(owner);
        staking.stake(second, 10 ether);
        uint64[] memory keys = new uint64[](2);
        (keys[0], keys[1]) = (_keyId(nodeId, 0), _keyId(second, 0));
        uint256[] memory secrets = new uint256[](2);
        (secrets[0], secrets[1]) = (secretOf(nodeId), secretOf(second));
        slasher.slashEquivocation(Equivocation.aggregated(slasher, 1, keys, secrets, keys, secrets), owner);
        vm.assertEq(flk.balanceOf(owner), FUNDS - 10 ether);
    }

    function _govern(uint16 slashBps, uint16 rewardBps) private {
        parameters.setSlashing(slashBps, rewardBps);
        _nextEpoch();
    }

    function _wealth() private view returns (uint256) {
        return flk.balanceOf(owner) + staking.slashable(nodeId);
    }
}
