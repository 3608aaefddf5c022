// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice The whole committee is corrupt and the limits of the settlement are too loose to stand in its way. It signs whatever close times and payouts suit it,
/// to mint more FLK than the ceiling allows for the time that really passed.
contract CeilingJumpAttack is SettlementFixture {
    uint64 private constant YEAR_MS = 365 days * 1000;
    uint256 private constant GREED = type(uint96).max;

    function setUp() public override {
        super.setUp();
        _start();
    }

    /// @dev One close time after the other, each a year ahead of the last: a year's ceiling each, if close times alone counted. The settlement
    /// holds them.
    function test_YearsSignedWithinADayAreHeld() public {
        vm.warp(START / 1000 + 1 days);
        for (uint64 i = 1; i <= 5; i++) _settleAt(START + i * YEAR_MS);
        vm.assertEq(flk.totalSupply(), SUPPLY);
        vm.assertEq(settlement.status().activeEpochs, 0);
    }

    /// @dev The same from a settlement contract that is corrupt too: the token does not rely on it.
    function test_YearsPassedByTheSettlementWithinADayMintADay() public {
        vm.warp(START / 1000 + 1 days);
        for (uint64 i = 1; i <= 5; i++) {
            vm.prank(address(settlement));
            flk.mint(BOB, GREED, START + i * YEAR_MS);
        }
        vm.assertEq(flk.totalSupply() - SUPPLY, _ceiling(1 days));
    }

    function testFuzz_NoSequenceOfCloseTimesMintsAheadOfTime(uint64[6] memory jumps, uint32[6] memory waits) public {
        uint64 closeTime = START;
        uint256 time = START / 1000;
        for (uint256 i = 0; i < jumps.length; i++) {
            time += bound(waits[i], 0, 60 days);
            vm.warp(time);
            closeTime += uint64(bound(jumps[i], 1, 3 * YEAR_MS));
            vm.prank(address(settlement));
            flk.mint(BOB, GREED, closeTime);
            vm.assertLe(flk.totalSupply() - SUPPLY, _ceiling(time - START / 1000));
        }
    }

    /// @dev What is granted just before and just after the start of a year: each year's ceiling is its own, and what the first left is lost.
    function test_TheTurnOfAYearMintsNoSecondCeiling() public {
        vm.warp((START + YEAR_MS) / 1000 - 1);
        _settleAt(START + YEAR_MS - 1_000);
        uint256 firstYear = flk.totalSupply() - SUPPLY;
        vm.assertLe(firstYear, SUPPLY / 10);
        vm.warp((START + YEAR_MS) / 1000 + 1);
        _settleAt(START + YEAR_MS + 1_000);
        vm.assertLe(flk.totalSupply() - SUPPLY - firstYear, _ceiling(3));
    }

    /// @dev Years in which nothing was minted do not add up.
    function test_QuietYearsAreNotMintedLater() public {
        vm.warp((START + 5 * YEAR_MS) / 1000);
        _settleAt(START + 5 * YEAR_MS);
        vm.assertEq(flk.totalSupply(), SUPPLY);
        vm.warp((START + 5 * YEAR_MS) / 1000 + 1 days);
        _settleAt(START + 5 * YEAR_MS + 1 days * 1000);
        vm.assertEq(flk.totalSupply() - SUPPLY, _ceiling(1 days));
    }

    /// @dev The jump does not stop honest settlements that follow either: what it left owed is paid as time allows.
    function test_AJumpStopsNothing() public {
        uint64 ahead = START + 1 days * 1000;
        _settleAt(ahead);
        vm.assertEq(flk.totalSupply(), SUPPLY);
        vm.warp(START / 1000 + 12 hours);
        _settleAt(ahead + 1);
        vm.assertEq(flk.totalSupply() - SUPPLY, _ceiling(12 hours));
        vm.assertEq(settlement.status().activeEpochs, 2);
        settlement.claim(BOB, 0, GREED, noProof);
        vm.assertEq(flk.balanceOf(BOB), _ceiling(12 hours));
    }

    /// @dev The L2's clock stays where it is.
    function _settleAt(uint64 closeTime) private {
        Committee memory next = committeeOf(settlement.nextEpoch() + 1, firstNodes(4));
        IEpochSettlement.Settlement memory s = nextSettlement(next);
        s.closeTime = closeTime;
        s.totalPayoutFlk = GREED;
        s.payoutRoot = singleLeaf(BOB, 0, GREED);
        settlement.settle(newest, s, current, none, _signed(s));
        newest = s;
        current = next;
    }

    /// @dev Of the supply at the start, for `elapsed` seconds.
    function _ceiling(uint256 elapsed) private pure returns (uint256) {
        return (SUPPLY * CEILING_BPS * elapsed) / (10_000 * 365 days);
    }
}
