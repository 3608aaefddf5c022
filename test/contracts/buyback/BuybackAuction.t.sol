// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {
    IBuybackAuctionErrors as E,
    IBuybackAuctionEvents as Ev,
    IBuybackAuctionTypes as T
} from "../../../contracts/interfaces/IBuybackAuction.sol";
import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {AuctionFixture} from "../support/AuctionFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Lots from their opening to their closing.
contract BuybackAuctionTest is AuctionFixture {
    function test_OpensALotOfTheEpochsRevenue() public {
        earn(100 * USD);
        vm.expectEmit(address(auction));
        emit Ev.LotOpened(0, 0, 0, 100 * USD, 100 * USD, 2 * uint256(MARKET), MARKET / 10, uint48(time + DURATION));
        vm.assertEq(open(), 0);
        T.Lot memory lot = auction.lot(0);
        vm.assertEq(lot.opensAt, time);
        vm.assertEq(lot.closesAt, time + DURATION);
        vm.assertEq(lot.sold, 0);
        vm.assertFalse(lot.closed);
        vm.assertEq(auction.lotCount(), 1);
        vm.assertEq(auction.lotOfEpoch(0), 0);
        vm.assertEq(usd.balanceOf(address(auction)), 100 * USD);
    }

    function test_OpensWhenSomebodyClaimedBefore() public {
        earn(100 * USD);
        settlement.claim(address(auction), earned, 0, noProof);
        open();
        vm.assertEq(auction.lot(0).revenue, 100 * USD);
    }

    function test_ALotCoversAllEpochsSinceTheLast() public {
        earnAndOpen(100 * USD);
        earn(20 * USD);
        earn(30 * USD);
        later(DURATION);
        open();
        T.Lot memory lot = auction.lot(1);
        vm.assertEq(lot.fromEpoch, 1);
        vm.assertEq(lot.toEpoch, 2);
        vm.assertEq(lot.revenue, 50 * USD);
        vm.assertEq(lot.amount, 150 * USD);
        vm.assertEq(auction.lotOfEpoch(0), 0);
        vm.assertEq(auction.lotOfEpoch(1), 1);
        vm.assertEq(auction.lotOfEpoch(2), 1);
    }

    function testFuzz_FindsTheLotOfEveryEpoch(uint8[5] memory gaps) public {
        uint64 epochs = 0;
        for (uint256 i = 0; i < gaps.length; i++) {
            uint64 gap = uint64(bound(gaps[i], 1, 3));
            for (uint64 j = 0; j < gap; j++) earn(USD);
            later(DURATION);
            open();
            for (uint64 j = 0; j < gap; j++) vm.assertEq(auction.lotOfEpoch(epochs + j), i);
            epochs += gap;
        }
        vm.expectRevert(abi.encodeWithSelector(E.NoLotYet.selector, epochs));
        auction.lotOfEpoch(epochs);
    }

    function test_OpensOneLotPerEpoch() public {
        vm.expectRevert(abi.encodeWithSelector(E.NoNewEpoch.selector, 0));
        auction.open(0, 0, noProof);
        earnAndOpen(100 * USD);
        later(DURATION);
        bytes memory noNew = abi.encodeWithSelector(E.NoNewEpoch.selector, 1);
        vm.expectRevert(noNew);
        auction.open(earned, 0, noProof);
    }

    function testFuzz_OpensWithTheLeafOfTheNewestEpochOnly(uint256 stable, uint256 amount) public {
        earn(100 * USD);
        vm.assume(stable != earned || amount != 0);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        auction.open(stable, amount, noProof);
    }

    function test_WaitsUntilTheLotBeforeIsOver() public {
        earnAndOpen(100 * USD);
        earn(100 * USD);
        bytes memory stillOpen = abi.encodeWithSelector(E.LotStillOpen.selector, 0, auction.lot(0).closesAt);
        vm.expectRevert(stillOpen);
        auction.open(earned, 0, noProof);
        vm.expectRevert(stillOpen);
        auction.close(0);
    }

    function testFuzz_TooLittleWaitsForALaterEpoch(uint64 revenue) public {
        revenue = uint64(bound(revenue, 0, USD - 1));
        earn(revenue);
        vm.expectRevert(abi.encodeWithSelector(E.LotTooSmall.selector, revenue, USD));
        auction.open(earned, 0, noProof);
        earn(USD);
        open();
        T.Lot memory lot = auction.lot(0);
        vm.assertEq(lot.toEpoch, 1);
        vm.assertEq(lot.revenue, USD + revenue);
    }

    function test_AnUnsoldLotRollsAndGrantsNothing() public {
        earnAndOpen(100 * USD);
        later(DURATION);
        vm.expectEmit(address(auction));
        emit Ev.LotClosed(0, 0, 0, 0, 0, 100 * USD, 0);
        vm.expectEmit(address(auction));
        emit Ev.ReferencePriceSet(MARKET / 2);
        auction.close(0);
        vm.assertEq(auction.counted(0), 0);
        earnAndOpen(10 * USD);
        T.Lot memory lot = auction.lot(1);
        vm.assertEq(lot.amount, 110 * USD);
        vm.assertEq(lot.revenue, 10 * USD);
    }

    function test_OpeningClosesTheLotThatIsOver() public {
        earnAndOpen(100 * USD);
        bidBy(ALICE, 0, 60 * USD);
        earn(10 * USD);
        later(DURATION);
        vm.expectEmit(address(auction));
        emit Ev.LotClosed(0, 0, 0, 60 * USD, 60 * USD * 2 * uint256(MARKET), 40 * USD, 60 * USD * 2 * uint256(MARKET));
        open();
        vm.assertTrue(auction.lot(0).closed);
        vm.assertEq(auction.lot(1).amount, 50 * USD);
    }

    function testFuzz_WhatWasSoldByVolumeSetsThePriceOfTheNext(uint64 amount, uint16 wait) public {
        earnAndOpen(100 * USD);
        later(bound(wait, 0, DURATION - 1));
        (uint256 sold, uint256 burned) = bidBy(ALICE, 0, bound(amount, 50 * USD, 100 * USD));
        if (sold < 100 * USD) {
            later(DURATION);
            auction.close(0);
        }
        vm.assertEq(auction.referencePrice(), (burned + sold - 1) / sold);
    }

    function testFuzz_TooLittleSoldHalvesThePriceOfTheNext(uint64 amount, uint16 wait) public {
        earnAndOpen(100 * USD);
        later(bound(wait, 0, DURATION - 1));
        bidBy(ALICE, 0, bound(amount, 1, 50 * USD - 1));
        later(DURATION);
        auction.close(0);
        vm.assertEq(auction.referencePrice(), MARKET / 2);
    }

    function test_ThePriceStaysWithinItsBounds() public {
        auction = deployAuction(T.Terms(DURATION, 20_000, 10, 5_000, USD, MARKET, MARKET), MARKET);
        endow(ALICE);
        earned = 0;
        earnAndOpen(100 * USD);
        later(DURATION);
        auction.close(0);
        vm.assertEq(auction.referencePrice(), MARKET);
        earnAndOpen(0);
        bidBy(ALICE, 1, 100 * USD);
        vm.assertEq(auction.referencePrice(), MARKET);
    }

    function test_ALotIsFinalOnceItIsClosed() public {
        earnAndOpen(100 * USD);
        bidBy(ALICE, 0, 100 * USD);
        bytes32 lot = keccak256(abi.encode(auction.lot(0)));
        bytes memory over = abi.encodeWithSelector(E.LotOver.selector, 0);
        vm.expectRevert(over);
        auction.close(0);
        vm.expectRevert(over);
        auction.bid(0, 1, type(uint256).max, ALICE);
        vm.expectRevert(over);
        auction.price(0);
        earn(100 * USD);
        open();
        vm.assertEq(keccak256(abi.encode(auction.lot(0))), lot);
    }

    function testFuzz_UnknownLotsAreRefused(uint64 lotId) public {
        lotId = uint64(bound(lotId, 1, type(uint64).max));
        earnAndOpen(100 * USD);
        bytes memory unknown = abi.encodeWithSelector(E.UnknownLot.selector, lotId);
        vm.expectRevert(unknown);
        auction.lot(lotId);
        vm.expectRevert(unknown);
        auction.counted(lotId);
        vm.expectRevert(unknown);
        auction.close(lotId);
        vm.expectRevert(unknown);
        auction.price(lotId);
        vm.expectRevert(unknown);
        auction.bid(lotId, 1, 1, ALICE);
    }

    function test_FlkThatTheProtocolPaysIsBurnedAndCountsForNothing() public {
        later(1 days);
        earnedFlk = 1 ether;
        earnAndOpen(100 * USD);
        uint256 supply = flk.totalSupply();
        vm.assertEq(flk.balanceOf(address(auction)), 1 ether);
        auction.burnDonations();
        vm.assertEq(flk.totalSupply(), supply - 1 ether);
        vm.assertEq(auction.lot(0).burned, 0);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToBurn.selector));
        auction.burnDonations();
    }

    /// @dev A payout below an earlier one, which only a corrupt committee signs, stops no sale of what is here.
    function test_AContradictoryPayoutCountsAsNoRevenue() public {
        earnAndOpen(100 * USD);
        later(DURATION);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.payoutRoot = singleLeaf(address(auction), 60 * USD, 0);
        _settle(s);
        auction.open(60 * USD, 0, noProof);
        vm.assertEq(auction.lot(1).revenue, 0);
        vm.assertEq(auction.lot(1).amount, 100 * USD);
    }

    function test_WhatOneLotCannotHoldWaitsForALaterOne() public {
        usd.mint(address(auction), uint256(type(uint64).max) + 5);
        earnAndOpen(100 * USD);
        vm.assertEq(auction.lot(0).amount, type(uint64).max);
    }

    function test_BiddersNeedWhatTheyBurn() public {
        earnAndOpen(100 * USD);
        address poor = address(0x9002);
        vm.prank(poor);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(auction),
                0,
                2 * uint256(MARKET)
            )
        );
        auction.bid(0, 1, type(uint256).max, poor);
    }
}
