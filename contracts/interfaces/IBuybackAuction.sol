// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEpochSettlement} from "./IEpochSettlement.sol";
import {IFLK} from "./IFLK.sol";
import {ITimedPause} from "./ITimedPause.sol";

interface IBuybackAuctionTypes {
    /// @dev How lots are sold. Prices of an open lot are fixed, and so is how long it is on sale. Prices are wei of FLK per micro-USD.
    struct Terms {
        /// seconds that a lot is on sale
        uint32 duration;
        /// a lot starts at the reference price times so many basis points, > 10000
        uint32 startMultipleBps;
        /// a lot ends at the reference price divided by this
        uint16 floorDivisor;
        /// a lot sets the reference price when so many basis points of it were sold
        uint16 minSoldBps;
        /// micro-USD that open a lot, at least
        uint64 minLot;
        /// the reference price stays within these
        uint96 minReference;
        uint96 maxReference;
    }

    struct Lot {
        /// the epochs whose buyback share the lot sells, both inclusive
        uint64 fromEpoch;
        uint64 toEpoch;
        /// Unix seconds; a pause moves both by its length
        uint48 opensAt;
        uint48 closesAt;
        bool closed;
        /// micro-USD for sale: the buyback share of its epochs, what earlier lots left unsold, and donations
        uint64 amount;
        /// micro-USD of `amount` that are the buyback share of its epochs
        uint64 revenue;
        /// micro-USD
        uint64 sold;
        /// wei per micro-USD
        uint128 startPrice;
        uint128 floorPrice;
        /// wei
        uint128 burned;
    }
}

interface IBuybackAuctionErrors {
    /// @notice `value` is outside [`min`, `max`].
    error TermOutOfBounds(bytes32 term, uint256 value, uint256 min, uint256 max);
    /// @notice (this contract, stable, flk) is no leaf of the payout root of the newest active settlement.
    error InvalidProof();
    /// @notice No epoch became active since the last lot opened; `activeEpochs` of them are.
    error NoNewEpoch(uint64 activeEpochs);
    /// @notice There is too little to sell, micro-USD; it waits for a later epoch.
    error LotTooSmall(uint256 amount, uint256 min);
    /// @notice The lot is on sale until `closesAt` (Unix seconds), or until it is sold out.
    error LotStillOpen(uint256 lotId, uint256 closesAt);
    /// @notice The lot is sold out, or its time is over.
    error LotOver(uint256 lotId);
    /// @notice No such lot.
    error UnknownLot(uint256 lotId);
    /// @notice The buyback share of the epoch is in no lot yet.
    error NoLotYet(uint64 epoch);
    /// @notice A bid buys something.
    error ZeroAmount();
    /// @notice The bid costs `cost` wei now.
    error TooExpensive(uint256 cost, uint256 maxFlk);
    /// @notice What is sold leaves this contract.
    error InvalidRecipient(address to);
    /// @notice There is no FLK here.
    error NothingToBurn();
}

interface IBuybackAuctionEvents is IBuybackAuctionTypes {
    /// @notice A lot is on sale from now until `closesAt` (Unix seconds). `amount`, `revenue`: micro-USD; prices: wei per micro-USD.
    event LotOpened(
        uint64 indexed lotId,
        uint64 fromEpoch,
        uint64 toEpoch,
        uint256 amount,
        uint256 revenue,
        uint256 startPrice,
        uint256 floorPrice,
        uint48 closesAt
    );
    /// @notice A pause began or ended early: the lot falls from `opensAt` to `closesAt` (Unix seconds), as if the pause were no time.
    event LotMoved(uint64 indexed lotId, uint48 opensAt, uint48 closesAt);
    /// @notice `bidder` burned `flkBurned` wei for `stableSold` micro-USD, which went to `to`.
    event LotSold(
        uint64 indexed lotId,
        address indexed bidder,
        address indexed to,
        uint256 stableSold,
        uint256 flkBurned
    );
    /// @notice Final: `sold` micro-USD of the lot were sold for `burned` wei, `rolled` micro-USD go into a later lot. `counted` wei of the burn
    /// paid for the revenue of the lot's epochs, which is what grants of FLK for these epochs are measured by.
    event LotClosed(
        uint64 indexed lotId,
        uint64 fromEpoch,
        uint64 toEpoch,
        uint256 sold,
        uint256 burned,
        uint256 rolled,
        uint256 counted
    );
    /// @notice The price, wei per micro-USD, that the next lot starts from.
    event ReferencePriceSet(uint256 price);
    /// @notice The terms of later lots. Also emitted at deployment.
    event TermsSet(Terms terms);
}

/// @title Sells the buyback share of revenue for FLK, and burns the FLK
/// @notice The protocol pays the buyback share of each epoch's revenue to this contract. All stablecoin that is here and in no lot becomes the next
/// lot, at most one per epoch. Its price, FLK per stablecoin, falls linearly from a multiple of the reference price to a fraction of
/// it, and anyone buys any part of it at the price of the moment; the FLK is burned at once. What is not sold when the time is
/// over goes into the next lot.
/// The reference price is what the last lot cleared at, weighted by volume; a lot of which too little was sold halves it instead,
/// so that lots find the market from anywhere above it, and no tiny bid can keep them from it.
/// What a lot burned never changes once it is closed. A lot may also sell what earlier ones left, or what somebody donated: of its burn only the
/// part in proportion to the revenue of its own epochs counts for grants of these epochs.
/// A pause stops bids and openings, and the time of the open lot with them: it goes on after the pause at the price where it stood. So no
/// pause takes the burn from epochs that grants are measured by, nor moves the reference price.
/// @dev Trusts the settlement for what the epochs paid. Nobody can take stablecoin out but by bidding. Assumes a stablecoin that
/// moves the amounts it says.
interface IBuybackAuction is IBuybackAuctionErrors, IBuybackAuctionEvents, ITimedPause {
    /// @notice Claims what the newest active settlement owes this contract, closes the lot before when it is over, and opens the next. Anyone,
    /// but not during a pause.
    /// @param stable cumulative micro-USD of this contract's leaf in the payouts of the newest active settlement
    /// @param flk cumulative wei of it
    /// @param proof of the leaf
    /// @return lotId the new lot
    function open(uint256 stable, uint256 flk, bytes32[] calldata proof) external returns (uint64 lotId);

    /// @notice Buys `amount` micro-USD of an open lot, or the rest of it when that is less, for FLK that the caller allowed this contract.
    /// @param maxFlk wei that it may cost; more reverts
    /// @param to gets the stablecoin
    /// @return sold micro-USD
    /// @return burned wei
    function bid(
        uint64 lotId,
        uint256 amount,
        uint256 maxFlk,
        address to
    ) external returns (uint256 sold, uint256 burned);

    /// @notice Closes a lot whose time is over. Anyone; a lot that is sold out is closed by its last bid.
    function close(uint64 lotId) external;

    /// @notice Burns FLK that was sent here; it counts for nothing. Anyone.
    function burnDonations() external;

    /// @notice Sets how later lots are sold, and moves the reference price into its bounds. Only governance.
    function setTerms(Terms calldata terms) external;

    /// @notice A lot; it does not change any more once it is closed.
    function lot(uint64 lotId) external view returns (Lot memory);

    /// @notice Wei burned by the lot that count for grants of FLK in its epochs. Final once the lot is closed.
    function counted(uint64 lotId) external view returns (uint256);

    /// @notice Number of lots; ids are below it, and only the newest can be open.
    function lotCount() external view returns (uint64);

    /// @notice The lot that sells the buyback share of `epoch`; reverts when there is none yet.
    function lotOfEpoch(uint64 epoch) external view returns (uint64 lotId);

    /// @notice What a micro-USD of the lot costs now, or after the pause that there is now, wei. Reverts when the lot is over.
    function price(uint64 lotId) external view returns (uint256);

    /// @notice The price, wei per micro-USD, that the next lot starts from.
    function referencePrice() external view returns (uint256);

    /// @notice How lots are sold.
    function terms() external view returns (Terms memory);

    /// @notice The token that is burned.
    function flk() external view returns (IFLK);

    /// @notice The stablecoin that is sold.
    function stable() external view returns (IERC20);

    /// @notice Where the buyback share comes from.
    function settlement() external view returns (IEpochSettlement);
}
