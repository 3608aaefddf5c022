// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    IBuybackAuctionErrors as E,
    IBuybackAuctionEvents as Ev,
    IBuybackAuctionTypes as T
} from "../../../contracts/interfaces/IBuybackAuction.sol";
import {ITimedPause} from "../../../contracts/interfaces/ITimedPause.sol";
import {AuctionFixture} from "../support/AuctionFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Bids on a lot of 100 USD, and pauses of them.
contract BuybackAuctionBidTest is AuctionFixture {
    uint256 private constant AMOUNT = 100 * USD;

    function setUp() public override {
        super.setUp();
        earnAndOpen(100 * USD);
    }

    function test_SellsAtThePriceOfTheMomentAndBurns() public {
        later(DURATION / 2);
        uint256 price = auction.price(0);
        uint256 supply = flk.totalSupply();
        vm.expectEmit(address(auction));
        emit Ev.LotSold(0, ALICE, BOB, 30 * USD, 30 * USD * price);
        vm.prank(ALICE);
        (uint256 sold, uint256 burned) = auction.bid(0, 30 * USD, 30 * USD * price, BOB);
        vm.assertEq(sold, 30 * USD);
        vm.assertEq(burned, 30 * USD * price);
        vm.assertEq(usd.balanceOf(BOB), 30 * USD);
        vm.assertEq(flk.balanceOf(ALICE), BIDDER_FLK - burned);
        vm.assertEq(flk.totalSupply(), supply - burned);
        vm.assertEq(auction.lot(0).sold, 30 * USD);
        vm.assertEq(auction.lot(0).burned, burned);
    }

    function testFuzz_ThePriceFallsLinearlyAndIsRoundedUp(uint32 first, uint32 second) public {
        first = uint32(bound(first, 0, DURATION - 1));
        second = uint32(bound(second, first, DURATION - 1));
        later(first);
        uint256 before = auction.price(0);
        later(second - first);
        uint256 price = auction.price(0);
        vm.assertLe(price, before);
        (uint256 start, uint256 floor) = (2 * uint256(MARKET), MARKET / 10);
        vm.assertGe(price, floor);
        uint256 fallen = (start - floor) * second;
        vm.assertGe(price * DURATION, start * DURATION - fallen);
        vm.assertLe((price - 1) * DURATION, start * DURATION - fallen);
    }

    function test_NobodyBidsOnceTheTimeIsOver() public {
        later(DURATION);
        bytes memory over = abi.encodeWithSelector(E.LotOver.selector, 0);
        vm.expectRevert(over);
        auction.bid(0, 1, type(uint256).max, ALICE);
        vm.expectRevert(over);
        auction.price(0);
    }

    function test_TheLastBidGetsWhatIsLeftAndClosesTheLot() public {
        bidBy(ALICE, 0, 70 * USD);
        vm.expectEmit(address(auction));
        emit Ev.LotClosed(0, 0, 0, AMOUNT, AMOUNT * 2 * uint256(MARKET), 0, AMOUNT * 2 * uint256(MARKET));
        (uint256 sold, ) = bidBy(BOB, 0, 70 * USD);
        vm.assertEq(sold, 30 * USD);
        vm.assertTrue(auction.lot(0).closed);
        vm.assertEq(auction.counted(0), AMOUNT * 2 * uint256(MARKET));
    }

    function test_ABidBuysSomething() public {
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAmount.selector));
        auction.bid(0, 0, type(uint256).max, ALICE);
    }

    function test_WhatIsSoldLeaves() public {
        vm.expectRevert(abi.encodeWithSelector(E.InvalidRecipient.selector, address(0)));
        auction.bid(0, 1, type(uint256).max, address(0));
        vm.expectRevert(abi.encodeWithSelector(E.InvalidRecipient.selector, address(auction)));
        auction.bid(0, 1, type(uint256).max, address(auction));
    }

    function testFuzz_CostsAtMostWhatTheBidderSays(uint256 amount, uint256 maxFlk) public {
        amount = bound(amount, 1, AMOUNT);
        uint256 cost = amount * 2 * uint256(MARKET);
        maxFlk = bound(maxFlk, 0, 2 * cost);
        if (maxFlk < cost) vm.expectRevert(abi.encodeWithSelector(E.TooExpensive.selector, cost, maxFlk));
        vm.prank(ALICE);
        auction.bid(0, amount, maxFlk, ALICE);
    }

    function testFuzz_PartialFillsAddUp(uint64[6] memory amounts, uint16[6] memory waits) public {
        uint256 sold = 0;
        uint256 burned = 0;
        for (uint256 i = 0; i < amounts.length; i++) {
            later(bound(waits[i], 0, DURATION / 7));
            (uint256 soldNow, uint256 burnedNow) = bidBy(i % 2 == 0 ? ALICE : BOB, 0, bound(amounts[i], 1, AMOUNT / 2));
            (sold, burned) = (sold + soldNow, burned + burnedNow);
            if (sold == AMOUNT) break;
        }
        T.Lot memory lot = auction.lot(0);
        vm.assertEq(lot.sold, sold);
        vm.assertEq(lot.burned, burned);
        vm.assertEq(usd.balanceOf(ALICE) + usd.balanceOf(BOB), sold);
        vm.assertEq(usd.balanceOf(address(auction)), AMOUNT - sold);
    }

    function testFuzz_APauseStopsBidsAndTheTimeOfTheLot(uint32 pause, uint256 before, uint256 during) public {
        pause = uint32(bound(pause, 1, 14 days));
        later(bound(before, 0, DURATION - 1));
        (uint256 price, T.Lot memory lot) = (auction.price(0), auction.lot(0));
        uint40 until = uint40(time) + pause;
        vm.expectEmit(address(auction));
        emit ITimedPause.Paused(until);
        vm.expectEmit(address(auction));
        emit Ev.LotMoved(0, lot.opensAt + pause, lot.closesAt + pause);
        auction.pauseFor(pause);
        vm.assertEq(auction.pausedUntil(), until);
        vm.assertEq(auction.lot(0).opensAt, lot.opensAt + pause);
        vm.assertEq(auction.lot(0).closesAt, lot.closesAt + pause);

        later(bound(during, 0, pause - 1));
        vm.assertEq(auction.price(0), price);
        bytes memory paused = abi.encodeWithSelector(ITimedPause.IsPaused.selector, until);
        vm.expectRevert(paused);
        auction.bid(0, 1, type(uint256).max, ALICE);
        vm.expectRevert(abi.encodeWithSelector(E.LotStillOpen.selector, 0, lot.closesAt + pause));
        auction.close(0);

        later(until - time);
        vm.assertEq(auction.price(0), price);
        (, uint256 burned) = bidBy(ALICE, 0, USD);
        vm.assertEq(burned, USD * price);
        later(lot.closesAt + pause - time);
        auction.close(0);
    }

    function testFuzz_GovernanceEndsAPauseAndTheLotGoesOn(uint32 pause, uint256 before, uint256 during) public {
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.NotPaused.selector));
        auction.unpause();
        pause = uint32(bound(pause, 1, 14 days));
        later(bound(before, 0, DURATION - 1));
        (uint256 price, T.Lot memory lot) = (auction.price(0), auction.lot(0));
        auction.pauseFor(pause);
        uint48 lasted = uint48(bound(during, 0, pause - 1));
        later(lasted);
        vm.expectEmit(address(auction));
        emit Ev.LotMoved(0, lot.opensAt + lasted, lot.closesAt + lasted);
        auction.unpause();
        vm.assertEq(auction.lot(0).opensAt, lot.opensAt + lasted);
        vm.assertEq(auction.lot(0).closesAt, lot.closesAt + lasted);
        vm.assertEq(auction.price(0), price);
        bidBy(ALICE, 0, 1);
    }

    function test_NoLotOpensDuringAPause() public {
        bidBy(ALICE, 0, AMOUNT);
        auction.pauseFor(2 * DURATION);
        earn(USD);
        bytes memory paused = abi.encodeWithSelector(ITimedPause.IsPaused.selector, auction.pausedUntil());
        vm.expectRevert(paused);
        this.openNow();
        later(auction.pausedUntil() - time);
        earn(USD);
        open();
        T.Lot memory lot = auction.lot(1);
        vm.assertEq(lot.opensAt, time);
        vm.assertEq(lot.revenue, 2 * USD);
        vm.assertEq(lot.fromEpoch, 1);
        vm.assertEq(lot.toEpoch, 2);
    }

    function test_APauseClosesALotThatIsOver() public {
        bidBy(ALICE, 0, USD);
        later(DURATION);
        auction.pauseFor(10);
        T.Lot memory lot = auction.lot(0);
        vm.assertTrue(lot.closed);
        vm.assertEq(lot.closesAt, time);
        auction.unpause();
        vm.assertEq(auction.lot(0).closesAt, time);
        vm.assertEq(auction.referencePrice(), MARKET / 2);
    }

    function test_APauseWithoutALotMovesNone() public {
        auction = deployAuction(terms(), MARKET);
        auction.pauseFor(10);
        auction.unpause();
        vm.assertEq(auction.lotCount(), 0);
    }

    function test_PausesAreShortAndApart() public {
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.InvalidPause.selector, 0, 14 days));
        auction.pauseFor(0);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.InvalidPause.selector, 14 days + 1, 14 days));
        auction.pauseFor(14 days + 1);
        auction.pauseFor(10);
        later(10);
        bytes memory tooSoon = abi.encodeWithSelector(ITimedPause.PauseTooSoon.selector, time + 14 days);
        vm.expectRevert(tooSoon);
        auction.pauseFor(10);
        later(14 days);
        auction.pauseFor(10);
    }

    function openNow() external {
        open();
    }
}
