// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {ISlasher} from "../../../contracts/interfaces/ISlasher.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice An equivocator splits its stake into as many thawing requests as there may be, so that slashing it runs out of gas or misses some.
contract DustRequestsTest is StakingFixture {
    uint256 private constant BLOCK_GAS = 30_000_000;
    uint256 private constant ENTRIES_PER_CALL = 50;

    function setUp() public override {
        super.setUp();
        _stake(FUNDS);
        for (uint256 i = 0; i < 32; i++) _thaw(1);
    }

    function test_ASlashFitsABlockManyTimes() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        uint256 before = gasleft();
        slasher.slashEquivocation(evidence, REPORTER);
        vm.assertLe(before - gasleft(), 800_000);
        _assertBooks();
    }

    function test_SlashingEverythingFitsABlockManyTimesAndLeavesNothing() public {
        parameters.setSlashing(10_000, 5_000);
        _nextEpoch();
        ISlasher.Evidence memory evidence = _equivocation(0);
        uint256 before = gasleft();
        vm.assertEq(slasher.slashEquivocation(evidence, REPORTER), FUNDS);
        vm.assertLe(before - gasleft(), 800_000);
        vm.assertEq(staking.slashable(nodeId), 0);
        vm.assertEq(staking.thawingRequests(nodeId).length, 0);
        _assertBooks();
    }

    function test_AFullPartOfAListOfSuchNodesFitsABlock() public {
        bytes memory list = abi.encodePacked(nodeId, uint128(FUNDS / 2));
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.slashListHash = keccak256(list);
        _settle(s);
        uint256 before = gasleft();
        slasher.slashListed(0, list);
        vm.assertLe((before - gasleft()) * ENTRIES_PER_CALL, BLOCK_GAS);
        _assertBooks();
    }

    function test_WithdrawingAllOfThemFitsABlock() public {
        vm.warp(block.timestamp + THAW);
        vm.prank(owner);
        uint256 before = gasleft();
        vm.assertEq(staking.withdrawMatured(nodeId, owner), 32);
        vm.assertLe(before - gasleft(), 800_000);
    }

    function testFuzz_HoweverTheStakeIsSplitTheShareIsTheSame(uint256 seed, uint16 slashBps) public {
        parameters.setSlashing(uint16(bound(slashBps, 1, 10_000)), 0);
        _nextEpoch();
        // Half of the dust goes back into the stake, what remains is split anew.
        for (uint64 i = 0; i < 16; i++) {
            vm.prank(owner);
            staking.cancelUnstake(nodeId, i * 2);
            _thaw(bound(uint256(keccak256(abi.encode(seed, i))), 1, FUNDS / 20));
        }
        uint256 expected = (FUNDS * parameters.get("equivocationSlashBps") + 9_999) / 10_000;
        vm.assertEq(slasher.slashEquivocation(_equivocation(0), REPORTER), expected);
        vm.assertEq(staking.slashable(nodeId), FUNDS - expected);
        _assertBooks();
    }
}
