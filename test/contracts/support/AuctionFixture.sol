// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {BuybackAuction} from "../../../contracts/buyback/BuybackAuction.sol";
import {IBuybackAuction, IBuybackAuctionTypes} from "../../../contracts/interfaces/IBuybackAuction.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {vm} from "./Vm.sol";
import {deployBuyback} from "./Deploy.sol";

/// @notice A running protocol whose every payout is the buyback's. Prices are wei of FLK per micro-USD: the market takes MARKET, 0.1 USD per FLK.
abstract contract AuctionFixture is SettlementFixture {
    uint96 internal constant MARKET = 10 ** 13;
    uint64 internal constant USD = 10 ** 6;
    uint32 internal constant DURATION = 1 hours;
    uint256 internal constant BIDDER_FLK = 10_000_000 ether;

    BuybackAuction internal auction;
    /// @dev Cumulative payouts to the auction.
    uint64 internal earned;
    uint256 internal earnedFlk;
    /// @dev What the optimizer does not take for constant within a test.
    uint256 internal time = START / 1000;

    function setUp() public virtual override {
        super.setUp();
        _start();
        auction = deployAuction(terms(), MARKET);
        endow(ALICE);
        endow(BOB);
        flk.approve(address(auction), type(uint256).max);
    }

    function deployAuction(
        IBuybackAuction.Terms memory first,
        uint96 referencePrice
    ) internal returns (BuybackAuction) {
        address implementation = address(deployBuyback(flk, usd, settlement));
        bytes memory call = abi.encodeCall(BuybackAuction.initialize, (address(manager), first, referencePrice));
        return BuybackAuction(address(new ERC1967Proxy(implementation, call)));
    }

    function terms() internal pure virtual returns (IBuybackAuction.Terms memory) {
        return IBuybackAuctionTypes.Terms(DURATION, 20_000, 10, 5_000, USD, 10 ** 9, 10 ** 18);
    }

    function endow(address bidder) internal {
        flk.transfer(bidder, BIDDER_FLK);
        vm.prank(bidder);
        flk.approve(address(auction), type(uint256).max);
    }

    /// @notice An epoch whose buyback share is `revenue` micro-USD becomes active.
    function earn(uint64 revenue) internal {
        earned += revenue;
        if (revenue != 0) _deposit(revenue);
        _pay(address(auction), earned, earnedFlk);
        if (block.timestamp > time) time = block.timestamp;
    }

    function open() internal returns (uint64) {
        return auction.open(earned, earnedFlk, noProof);
    }

    function earnAndOpen(uint64 revenue) internal returns (uint64) {
        earn(revenue);
        return open();
    }

    function later(uint256 seconds_) internal {
        time += seconds_;
        vm.warp(time);
    }

    function bidBy(address bidder, uint64 lotId, uint256 amount) internal returns (uint256 sold, uint256 burned) {
        vm.prank(bidder);
        return auction.bid(lotId, amount, type(uint256).max, bidder);
    }

    /// @notice Buys what is left of the newest lot as soon as it costs `value` or less, if it ever does. Then the lot is over.
    function marketBuys(address bidder, uint256 value) internal returns (bool bought) {
        uint64 lotId = auction.lotCount() - 1;
        IBuybackAuction.Lot memory lot = auction.lot(lotId);
        uint256 above = lot.startPrice > value ? lot.startPrice - value : 0;
        uint256 range = lot.startPrice - lot.floorPrice;
        uint256 wait = (above * DURATION + range - 1) / range;
        if (wait < DURATION) {
            later(lot.opensAt + wait - time);
            bidBy(bidder, lotId, lot.amount);
            return true;
        }
        later(DURATION);
        auction.close(lotId);
    }
}
