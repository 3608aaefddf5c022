// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice The whole committee is gone, and governance with it: every fund still has a way out.
contract CommitteeGoneTest is QueueFixture {
    IEpochSettlement.Settlement private active;
    IEpochSettlement.Settlement private nothing;

    function setUp() public override {
        super.setUp();
        flk.transfer(address(0x1000), MIN_STAKE);
        vm.prank(address(0x1000));
        flk.approve(address(staking), MIN_STAKE);
        vm.prank(address(0x1000));
        staking.stake(1, MIN_STAKE);
        active = nextSettlement();
        (active.totalPayoutStable, active.totalPayoutFlk) = (400, 7 ether);
        active.payoutRoot = singleLeaf(BOB, 400, 7 ether);
        active.totalBalances = TOP_UP - 400;
        active.balanceRoot = singleLeaf(ALICE, TOP_UP - 400, TOP_UP);
        active.l2Number = uint64(block.number);
        _settle(active);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(active);
        vm.roll(block.number + 1);
        _depositFor(address(0xca201), 30);
    }

    function test_StakeLeaves() public {
        vm.prank(address(0x1000));
        staking.requestUnstake(1, MIN_STAKE);
        vm.warp(block.timestamp + THAW);
        vm.prank(address(0x1000));
        staking.withdrawMatured(1, BOB);
        vm.assertEq(flk.balanceOf(BOB), MIN_STAKE);
        vm.assertEq(flk.balanceOf(address(staking)), 0);
    }

    function test_PayoutsLeave() public {
        vm.warp(block.timestamp + 10 * uint256(RECOVERY_DELAY));
        settlement.claim(BOB, 400, 7 ether, noProof);
        vm.assertEq(usd.balanceOf(BOB), 400);
        vm.assertEq(flk.balanceOf(BOB), 7 ether);
        vm.assertEq(usd.balanceOf(address(settlement)), 0);
        vm.assertEq(flk.balanceOf(address(settlement)), 0);
    }

    function test_BalancesAndDepositsLeave() public {
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, nothing));
        vault.escape(ALICE, TOP_UP - 400, TOP_UP, noProof);
        vault.escapeUnseen(address(0xca201));
        vm.assertEq(usd.balanceOf(address(vault)), 0);
        vm.assertEq(usd.balanceOf(ALICE) + usd.balanceOf(address(0xca201)), TOP_UP - 370);
    }

    function test_AllOfItLeavesWhileTheGuardianPausesWhatItCan() public {
        vault.pauseFor(14 days);
        staking.pauseFor(14 days);
        test_StakeLeaves();
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, nothing));
        vault.escape(ALICE, TOP_UP - 400, TOP_UP, noProof);
        settlement.claim(BOB, 400, 7 ether, noProof);
    }
}
