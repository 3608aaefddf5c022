// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBuybackAuction} from "../../../contracts/interfaces/IBuybackAuction.sol";
import {AuctionFixture} from "../support/AuctionFixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {Walk} from "../support/Walk.sol";

/// @notice Epochs earn or not, somebody opens and closes or nobody does, two bidders buy parts or all or nothing, one of them overpays and
/// donates, the guardian pauses, governance ends pauses. Keeps its own books to compare with.
contract AuctionHandler is AuctionFixture {
    address[2] private bidders = [ALICE, BOB];

    uint256 private supply;
    uint256 private donated;
    uint256 private donatedFlk;
    uint256 private burnedDonations;
    uint256[] private soldOf;
    uint256[] private burnedOf;
    /// @dev Seconds without a pause since the newest lot opened, and when they were last counted.
    uint256 private onSale;
    uint256 private countedAt;
    /// @dev Hash of the lot when it was first seen closed.
    mapping(uint64 lotId => bytes32 hash) private closedAs;

    constructor() {
        setUp();
        supply = flk.totalSupply();
    }

    modifier counting() {
        _;
        (onSale, countedAt) = (_onSale(), block.timestamp);
    }

    function earnEpoch(uint64 revenue) external counting {
        earn(uint64(bound(revenue, 0, 1_000 * USD)));
    }

    function openLot() external {
        if (settlement.status().activeEpochs == 0 || _isOpen() || _isPaused()) return;
        if (settlement.status().activeEpochs <= _covered()) return;
        if (usd.balanceOf(address(auction)) + _unclaimed() < USD) return;
        open();
        soldOf.push(0);
        burnedOf.push(0);
        onSale = 0;
        _remember();
    }

    function bid(uint8 who, uint256 amount, bool all) external {
        if (!_isOpen() || _isPaused()) return;
        uint64 lotId = auction.lotCount() - 1;
        IBuybackAuction.Lot memory lot = auction.lot(lotId);
        address bidder = bidders[who % 2];
        amount = all ? lot.amount : bound(amount, 1, lot.amount);
        uint256 price = auction.price(lotId);
        if (amount * price > flk.balanceOf(bidder)) return;
        uint256 before = flk.totalSupply();
        (uint256 sold, uint256 burned) = bidBy(bidder, lotId, amount);
        vm.assertEq(before - flk.totalSupply(), burned);
        vm.assertEq(burned, sold * price);
        soldOf[lotId] += sold;
        burnedOf[lotId] += burned;
        _remember();
    }

    function closeLot() external {
        if (!_needsClosing()) return;
        auction.close(auction.lotCount() - 1);
        _remember();
    }

    function wait(uint16 seconds_) external counting {
        later(seconds_ % (2 * DURATION));
    }

    function donate(uint64 stable, uint64 amount) external {
        stable = uint64(bound(stable, 0, 100 * USD));
        donated += stable;
        donatedFlk += amount;
        usd.mint(address(auction), stable);
        flk.transfer(address(auction), amount);
    }

    function burnDonations() external {
        uint256 amount = flk.balanceOf(address(auction));
        if (amount == 0) return;
        auction.burnDonations();
        burnedDonations += amount;
    }

    function pause(uint32 seconds_) external {
        if (auction.pausedUntil() != 0 && block.timestamp < auction.pausedUntil() + 14 days) return;
        auction.pauseFor(uint32(bound(seconds_, 1, 2 * DURATION)));
        _remember();
    }

    function unpause() external {
        if (_isPaused()) auction.unpause();
    }

    function checkTime() external view {
        if (!_hasLot()) return;
        uint64 newest = auction.lotCount() - 1;
        IBuybackAuction.Lot memory lot = auction.lot(newest);
        vm.assertEq(lot.closesAt - lot.opensAt, DURATION);
        if (lot.closed) {
            vm.assertTrue(lot.sold == lot.amount || _onSale() >= DURATION);
        } else if (_onSale() < DURATION) {
            uint256 range = lot.startPrice - lot.floorPrice;
            vm.assertEq(auction.price(newest), lot.startPrice - (range * _onSale()) / DURATION);
        } else {
            vm.assertGe(block.timestamp, lot.closesAt);
        }
    }

    function checkStablecoin() external view {
        uint256 claimed = settlement.claimed(address(auction)).stable;
        uint256 sold = 0;
        for (uint256 i = 0; i < soldOf.length; i++) sold += soldOf[i];
        vm.assertEq(usd.balanceOf(address(auction)), claimed + donated - sold);
        vm.assertEq(usd.balanceOf(ALICE) + usd.balanceOf(BOB), sold);
        if (!_hasLot()) return;
        IBuybackAuction.Lot memory lot = auction.lot(auction.lotCount() - 1);
        if (!lot.closed) vm.assertGe(usd.balanceOf(address(auction)), lot.amount - lot.sold);
    }

    function checkBurns() external view {
        uint256 burned = 0;
        for (uint256 i = 0; i < burnedOf.length; i++) burned += burnedOf[i];
        vm.assertEq(supply - flk.totalSupply(), burned + burnedDonations);
        vm.assertEq(flk.balanceOf(address(auction)), donatedFlk - burnedDonations);
    }

    function checkLots() external view {
        uint64 nextEpoch = 0;
        uint256 revenue = 0;
        vm.assertEq(auction.lotCount(), soldOf.length);
        for (uint64 i = 0; i < soldOf.length; i++) {
            IBuybackAuction.Lot memory lot = auction.lot(i);
            vm.assertEq(lot.fromEpoch, nextEpoch);
            vm.assertGe(lot.toEpoch, lot.fromEpoch);
            vm.assertEq(lot.sold, soldOf[i]);
            vm.assertEq(lot.burned, burnedOf[i]);
            vm.assertLe(lot.sold, lot.amount);
            vm.assertLe(lot.revenue, lot.amount);
            vm.assertLe(auction.counted(i), lot.burned);
            vm.assertLe(lot.floorPrice, lot.startPrice);
            vm.assertLe(lot.burned, lot.sold * uint256(lot.startPrice));
            vm.assertGe(lot.burned, lot.sold * uint256(lot.floorPrice));
            // Only the newest may be open, and only while something is left.
            vm.assertTrue(lot.closed || (i == soldOf.length - 1 && lot.sold < lot.amount));
            nextEpoch = lot.toEpoch + 1;
            revenue += lot.revenue;
        }
        vm.assertLe(revenue, settlement.claimed(address(auction)).stable);
    }

    function checkFinality() external view {
        for (uint64 i = 0; i < soldOf.length; i++) {
            if (closedAs[i] == 0) continue;
            vm.assertEq(keccak256(abi.encode(auction.lot(i), auction.counted(i))), closedAs[i]);
        }
    }

    function checkReference() external view {
        vm.assertGe(auction.referencePrice(), terms().minReference);
        vm.assertLe(auction.referencePrice(), terms().maxReference);
    }

    function _remember() private {
        for (uint64 i = 0; i < soldOf.length; i++) {
            if (closedAs[i] != 0 || !auction.lot(i).closed) continue;
            closedAs[i] = keccak256(abi.encode(auction.lot(i), auction.counted(i)));
        }
    }

    function _unclaimed() private view returns (uint256) {
        return earned - settlement.claimed(address(auction)).stable;
    }

    function _covered() private view returns (uint64) {
        return _hasLot() ? auction.lot(auction.lotCount() - 1).toEpoch + 1 : 0;
    }

    /// @dev The pause of the last count is that of now, or ended since by itself.
    function _onSale() private view returns (uint256) {
        uint256 from = auction.pausedUntil() > countedAt ? auction.pausedUntil() : countedAt;
        return block.timestamp > from ? onSale + block.timestamp - from : onSale;
    }

    function _isPaused() private view returns (bool) {
        return block.timestamp < auction.pausedUntil();
    }

    function _hasLot() private view returns (bool) {
        return auction.lotCount() != 0;
    }

    function _isOpen() private view returns (bool) {
        if (!_hasLot()) return false;
        IBuybackAuction.Lot memory lot = auction.lot(auction.lotCount() - 1);
        return !lot.closed && block.timestamp < lot.closesAt;
    }

    function _needsClosing() private view returns (bool) {
        if (!_hasLot()) return false;
        IBuybackAuction.Lot memory lot = auction.lot(auction.lotCount() - 1);
        return !lot.closed && block.timestamp >= lot.closesAt;
    }
}

contract BuybackAuctionInvariants is Walk {
    AuctionHandler private handler;

    function setUp() public {
        handler = new AuctionHandler();
        _walkOver(address(handler));
        _by(AuctionHandler.earnEpoch.selector);
        _by(AuctionHandler.openLot.selector);
        _by(AuctionHandler.bid.selector);
        _by(AuctionHandler.bid.selector);
        _by(AuctionHandler.closeLot.selector);
        _by(AuctionHandler.wait.selector);
        _by(AuctionHandler.donate.selector);
        _by(AuctionHandler.burnDonations.selector);
        _by(AuctionHandler.pause.selector);
        _by(AuctionHandler.unpause.selector);
    }

    /// @dev One function: the fuzzer walks anew for each. Stablecoin is here or with buyers; FLK leaves the supply by bids and donations alone;
    /// lots follow each other and add up, each on sale for its time, whatever pauses there are; a closed lot never changes; the reference price stays within its bounds.
    function invariant_TheBooksBesideTheAuctionAgree() public view {
        handler.checkStablecoin();
        handler.checkBurns();
        handler.checkLots();
        handler.checkFinality();
        handler.checkReference();
        handler.checkTime();
    }
}
