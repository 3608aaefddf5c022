// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IFLK} from "../../../contracts/interfaces/IFLK.sol";
import {FLK} from "../../../contracts/token/FLK.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployFlk} from "../support/Deploy.sol";

/// @notice The ceiling. The test itself is the minter, and time passes on the L2 as it does in close times.
contract FLKTest {
    uint256 private constant SUPPLY = 1_000_000_000 ether;
    uint256 private constant CEILING_BPS = 1_000;
    uint64 private constant START = 1_800_000_000_000;
    uint64 private constant YEAR = 365 days * 1000;
    uint64 private constant FAR = START + 100 * YEAR;

    FLK private flk;

    function setUp() public {
        flk = deployFlk(address(this), address(this), SUPPLY, CEILING_BPS);
        vm.warp(FAR / 1000);
    }

    function test_DeploymentFixesMinterSupplyAndCeiling() public view {
        vm.assertEq(flk.minter(), address(this));
        vm.assertEq(flk.ceilingBps(), CEILING_BPS);
        vm.assertEq(flk.totalSupply(), SUPPLY);
        vm.assertEq(flk.balanceOf(address(this)), SUPPLY);
        vm.assertEq(flk.decimals(), 18);
        vm.assertEq(flk.symbol(), "FLK");
    }

    function test_RejectsACeilingAbove100Percent() public {
        vm.expectRevert(abi.encodeWithSelector(IFLK.CeilingTooHigh.selector, 10_001));
        new FLK(address(this), address(this), 1, 10_001);
        deployFlk(address(this), address(this), 1, 10_000);
    }

    function testFuzz_OnlyTheSettlementMintsAndOpens(address caller) public {
        vm.assume(caller != address(this));
        bytes memory refused = abi.encodeWithSelector(IFLK.NotMinter.selector, caller);
        vm.prank(caller);
        vm.expectRevert(refused);
        flk.mint(caller, 1, START);
        vm.prank(caller);
        vm.expectRevert(refused);
        flk.openAccrual(START);
    }

    function test_AccrualOpensOnceAndBeforeAnyMint() public {
        vm.expectRevert(abi.encodeWithSelector(IFLK.AccrualNotOpen.selector));
        flk.mint(address(this), 0, START);
        vm.expectRevert(abi.encodeWithSelector(IFLK.AccrualNotOpen.selector));
        flk.mintable(START);
        vm.expectEmit(address(flk));
        emit IFLK.AccrualOpened(START, SUPPLY);
        flk.openAccrual(START);
        vm.expectRevert(abi.encodeWithSelector(IFLK.AccrualAlreadyOpen.selector));
        flk.openAccrual(START);
    }

    function testFuzz_CloseTimeNeverGoesBackwards(uint64 first, uint64 second) public {
        first = uint64(bound(first, START, FAR));
        flk.openAccrual(START);
        flk.mint(address(this), 0, first);
        bytes memory backwards = abi.encodeWithSelector(IFLK.CloseTimeBackwards.selector, second, first);
        if (second < first) vm.expectRevert(backwards);
        flk.mint(address(this), 0, second);
        if (second >= first) return;
        vm.expectRevert(backwards);
        flk.mintable(second);
    }

    function testFuzz_AccruesLinearlyWithinAYear(uint64 elapsed) public {
        elapsed = uint64(bound(elapsed, 0, YEAR - 1));
        flk.openAccrual(START);
        uint256 expected = (SUPPLY * CEILING_BPS * elapsed) / (uint256(10_000) * YEAR);
        vm.assertEq(flk.mintable(START + elapsed), expected);
        vm.assertEq(flk.mint(address(this), expected, START + elapsed), expected);
        vm.assertEq(flk.mintable(START + elapsed), 0);
        vm.assertEq(flk.mint(address(this), 1, START + elapsed), 0);
        vm.assertEq(flk.totalSupply(), SUPPLY + expected);
    }

    function testFuzz_MintsWhatTheCeilingLeavesWhateverIsAsked(uint256 asked, uint64 elapsed) public {
        elapsed = uint64(bound(elapsed, 0, 10 * YEAR));
        flk.openAccrual(START);
        uint256 available = flk.mintable(START + elapsed);
        uint256 expected = asked < available ? asked : available;
        vm.assertEq(flk.mint(address(0xbeef), asked, START + elapsed), expected);
        vm.assertEq(flk.balanceOf(address(0xbeef)), expected);
        (, uint64 last, , uint256 minted, ) = flk.year();
        vm.assertEq(last, START + elapsed);
        vm.assertEq(minted, expected);
    }

    function testFuzz_ACloseTimeAheadOfTheL2AccruesUpToNow(uint64 closeTime) public {
        flk.openAccrual(START);
        vm.warp((START + YEAR / 4) / 1000);
        closeTime = uint64(bound(closeTime, START + YEAR / 4, type(uint64).max));
        uint256 expected = flk.mintable(START + YEAR / 4);
        vm.assertEq(flk.mint(address(this), type(uint256).max, closeTime), expected);
        (, uint64 last, , , ) = flk.year();
        vm.assertEq(last, START + YEAR / 4);
        // What was left out accrues once the time has come.
        vm.warp((START + YEAR / 2) / 1000);
        vm.assertEq(flk.mintable(START + YEAR / 2), expected);
    }

    function test_AStartAheadOfTheL2AccruesNothingYetAndStopsNothing() public {
        vm.warp(START / 1000 - 100);
        flk.openAccrual(START);
        vm.assertEq(flk.mint(address(this), 1 ether, START + 1_000), 0);
        (, uint64 last, , , ) = flk.year();
        vm.assertEq(last, START);
    }

    /// @dev What each epoch accrues, rounded down, is always mintable: a settlement that grants it is paid in full.
    function testFuzz_EachEpochsShareIsMintableAcrossYears(uint64[12] memory lengths) public {
        flk.openAccrual(START);
        uint64 time = START;
        for (uint256 i = 0; i < lengths.length; i++) {
            uint64 length = uint64(bound(lengths[i], 1, YEAR / 3));
            (, , uint256 supply, , ) = flk.year();
            time += length;
            uint256 share = (supply * CEILING_BPS * length) / (uint256(10_000) * YEAR);
            vm.assertEq(flk.mint(address(this), share, time), share);
        }
    }

    function testFuzz_NoYearMintsAboveTheCeilingOfItsSupply(uint64[12] memory lengths) public {
        flk.openAccrual(START);
        uint64 time = START;
        uint256 before = flk.totalSupply();
        for (uint256 i = 0; i < lengths.length; i++) {
            time += uint64(bound(lengths[i], 1, 2 * YEAR));
            flk.mint(address(this), type(uint256).max, time);
        }
        uint256 spanYears = (time - START) / YEAR + 1;
        uint256 most = before;
        for (uint256 i = 0; i < spanYears; i++) most += (most * CEILING_BPS) / 10_000 + 1;
        vm.assertLe(flk.totalSupply(), most);
    }

    function test_WhatAYearLeavesIsLost() public {
        flk.openAccrual(START);
        flk.mint(address(this), 0, START + YEAR - 1_000);
        uint256 carried = (SUPPLY * CEILING_BPS * 1_000) / (uint256(10_000) * YEAR);
        vm.assertEq(flk.mintable(START + YEAR), carried);
        vm.assertEq(flk.mintable(START + 2 * YEAR), 0);
    }

    function test_ANewYearIsAnnouncedAndAccruesOnItsOwnSupply() public {
        flk.openAccrual(START);
        flk.mint(address(this), 0, START + YEAR - 1_000);
        flk.burn(SUPPLY / 2);
        uint256 carried = (SUPPLY * CEILING_BPS * 1_000) / (uint256(10_000) * YEAR);
        vm.expectEmit(address(flk));
        emit IFLK.YearStarted(START + YEAR, SUPPLY / 2, carried);
        flk.mint(address(this), 0, START + YEAR);
        (uint64 start, , uint256 supplyAtStart, uint256 minted, uint256 left) = flk.year();
        vm.assertEq(start, START + YEAR);
        vm.assertEq(supplyAtStart, SUPPLY / 2);
        vm.assertEq(minted, 0);
        vm.assertEq(left, carried);
        vm.assertEq(flk.mintable(START + YEAR + YEAR / 2), carried + SUPPLY / 2 / 20);
    }

    function testFuzz_BurningDoesNotTouchTheCeilingOfTheYear(uint256 burned) public {
        flk.openAccrual(START);
        uint256 available = flk.mintable(START + YEAR / 2);
        flk.burn(bound(burned, 0, SUPPLY));
        vm.assertEq(flk.mintable(START + YEAR / 2), available);
    }

    function testFuzz_BurnFromTakesTheAllowance(uint256 allowed, uint256 amount) public {
        allowed = bound(allowed, 0, SUPPLY);
        flk.approve(address(0xb0b), allowed);
        vm.prank(address(0xb0b));
        if (amount > allowed) vm.expectRevert();
        flk.burnFrom(address(this), amount);
        if (amount <= allowed) vm.assertEq(flk.totalSupply(), SUPPLY - amount);
    }
}
