// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBuybackAuctionErrors as E, IBuybackAuctionTypes as T} from "../../../contracts/interfaces/IBuybackAuction.sol";
import {AuctionFixture} from "../support/AuctionFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice BOB manipulates the buyback: to keep the stablecoin unsold, to get it cheaper, or to be granted FLK for burns that are not his. ALICE
/// is the market, and buys whatever costs its price or less.
contract AuctionManipulatorAttack is AuctionFixture {
    uint64 private constant LOT = 100 * USD;

    /// @dev The price stands 64 times too high. A bid of a micro-USD at the start of each lot keeps it from nothing.
    function test_TinyOverpaidBidsDoNotLockLaterLotsOut() public {
        uint256 market = MARKET / 64;
        uint256 lots = 0;
        bool bought = false;
        while (!bought) {
            uint64 lotId = earnAndOpen(LOT);
            bidBy(BOB, lotId, 1);
            bought = marketBuys(ALICE, market);
            lots++;
            vm.assertLe(lots, 4);
        }
        // All that rolled was sold, but for what the tiny bids took.
        vm.assertEq(usd.balanceOf(ALICE), lots * LOT - lots);
        vm.assertLe(auction.referencePrice(), market + market / 32);
    }

    function testFuzz_OneLotAtItsStartPutsTheNextNotOutOfReach(uint256 multiple, uint256 divisor) public {
        T.Terms memory wanted = terms();
        wanted.startMultipleBps = uint32(bound(multiple, 11_000, 100_000));
        wanted.floorDivisor = uint16(bound(divisor, (uint256(wanted.startMultipleBps) + 9_999) / 10_000, 10_000));
        auction.setTerms(wanted);
        earnAndOpen(LOT);
        bidBy(BOB, 0, LOT);
        later(DURATION);
        earnAndOpen(LOT);
        vm.assertLe(auction.lot(1).floorPrice, MARKET + 1);
    }

    /// @dev Whole lots at their start price, one after the other: each doubles the price, burns for it, and is undone by one unsold lot.
    function test_PumpingBurnsFarMoreThanItDelays() public {
        uint256 overpaid = 0;
        for (uint64 i = 0; i < 5; i++) {
            earnAndOpen(LOT);
            (, uint256 burned) = bidBy(BOB, i, LOT);
            overpaid += burned - LOT * uint256(MARKET);
            later(DURATION);
        }
        vm.assertEq(overpaid, LOT * uint256(MARKET) * (2 + 4 + 8 + 16 + 32 - 5));
        uint256 unsold = 0;
        earnAndOpen(LOT);
        while (!marketBuys(ALICE, MARKET)) {
            unsold++;
            earnAndOpen(LOT);
        }
        vm.assertLe(unsold, 2);
        vm.assertEq(usd.balanceOf(ALICE), LOT * (unsold + 1));
    }

    /// @dev To hold the price out of reach he must buy half of each lot at more than ten times its value.
    function test_HoldingThePriceUpCostsMoreThanTheLotEachTime() public {
        for (uint64 i = 0; i < 4; i++) {
            earnAndOpen(LOT);
            bidBy(BOB, i, LOT);
            later(DURATION);
        }
        earnAndOpen(LOT);
        T.Lot memory lot = auction.lot(4);
        vm.assertTrue(lot.floorPrice > MARKET);
        while (auction.price(4) > 11 * uint256(MARKET)) later(DURATION / 64);
        (, uint256 burned) = bidBy(BOB, 4, LOT / 2);
        later(DURATION);
        auction.close(4);
        uint256 loss = burned - (LOT / 2) * uint256(MARKET);
        vm.assertGe(loss, 4 * LOT * uint256(MARKET));
    }

    /// @dev A low bid in the last second is a bid: it pays the floor at least, and sets no price unless it buys half of the lot.
    function testFuzz_AClosingBidMovesThePriceByVolumeOnly(uint64 amount) public {
        amount = uint64(bound(amount, 1, LOT - LOT / 2));
        earnAndOpen(LOT);
        later(DURATION / 2);
        (, uint256 honest) = bidBy(ALICE, 0, LOT / 2);
        later(DURATION / 2 - 1);
        (uint256 sold, uint256 burned) = bidBy(BOB, 0, amount);
        vm.assertGe(burned, sold * (MARKET / 10));
        if (sold + LOT / 2 < LOT) {
            later(1);
            auction.close(0);
        }
        uint256 total = sold + LOT / 2;
        vm.assertEq(auction.referencePrice(), (honest + burned + total - 1) / total);
    }

    function testFuzz_AClosingBidOnAnUnsoldLotSetsNoPrice(uint64 amount) public {
        earnAndOpen(LOT);
        later(DURATION - 1);
        bidBy(BOB, 0, bound(amount, 1, LOT / 2 - 1));
        later(1);
        auction.close(0);
        vm.assertEq(auction.referencePrice(), MARKET / 2);
    }

    /// @dev What he gives counts for nobody's grants: the part that counts is that of the revenue.
    function testFuzz_DonationsEarnNothing(uint64 donated, uint16 wait) public {
        donated = uint64(bound(donated, 1, 1_000_000 * USD));
        earn(LOT);
        usd.mint(address(auction), donated);
        open();
        later(bound(wait, 0, DURATION - 1));
        vm.assume((uint256(LOT) + donated) * auction.price(0) <= flk.balanceOf(ALICE));
        (uint256 sold, uint256 burned) = bidBy(ALICE, 0, type(uint256).max);
        vm.assertEq(sold, uint256(LOT) + donated);
        vm.assertEq(auction.counted(0), (burned * LOT) / sold);
        vm.assertLe(auction.counted(0), burned - (burned / sold) * donated);
    }

    function testFuzz_DonationsDuringALotAreNotInIt(uint64 donated) public {
        earnAndOpen(LOT);
        usd.mint(address(auction), donated);
        (uint256 sold, ) = bidBy(ALICE, 0, type(uint256).max);
        vm.assertEq(sold, LOT);
        vm.assertEq(usd.balanceOf(address(auction)), donated);
    }

    /// @dev A lot of 1000 USD went unsold. His own epoch of washed revenue, 1 USD of it for the buyback, sells all of it, and he is granted by
    /// what his 1 USD burned.
    function test_WashedRevenueEarnsNothingOnWhatEarlierLotsLeft() public {
        earnAndOpen(1_000 * USD);
        later(DURATION);
        earnAndOpen(USD);
        (uint256 sold, uint256 burned) = bidBy(ALICE, 1, type(uint256).max);
        vm.assertEq(sold, 1_001 * USD);
        vm.assertEq(auction.counted(1), burned / 1_001);
        vm.assertEq(auction.counted(0), 0);
    }

    /// @dev He cannot keep the revenue of an epoch out of its lot, to have it counted for a later epoch that is his.
    function test_NoLotOpensWithoutTheRevenueOfItsEpochs() public {
        earn(LOT);
        usd.mint(address(auction), USD);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        auction.open(0, 0, noProof);
        open();
        vm.assertEq(auction.lot(0).revenue, LOT);
        vm.assertEq(auction.lot(0).amount, LOT + USD);
    }

    /// @dev A single bidder who waits gets a lot at its floor, and has to better that lot after lot; anybody else ends it.
    function test_ASingleBidderAtTheFloorIsBeatenByTheNext() public {
        for (uint64 i = 0; i < 3; i++) {
            earnAndOpen(LOT);
            later(DURATION - 1);
            bidBy(BOB, i, LOT);
        }
        vm.assertTrue(auction.referencePrice() < MARKET / 900);
        for (uint64 i = 3; i < 14; i++) {
            earnAndOpen(LOT);
            bidBy(ALICE, i, LOT);
            later(DURATION);
        }
        vm.assertGe(auction.referencePrice(), MARKET);
    }
}
