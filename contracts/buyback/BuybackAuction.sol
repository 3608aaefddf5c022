// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBuybackAuction} from "../interfaces/IBuybackAuction.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {ITimedPause} from "../interfaces/ITimedPause.sol";
import {TimedPause} from "../libraries/TimedPause.sol";

/// @title Implementation of {IBuybackAuction}, which says what it does
contract BuybackAuction is IBuybackAuction, AccessManagedUpgradeable, UUPSUpgradeable {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant BPS = 10_000;
    uint256 private constant MIN_DURATION = 10;
    uint256 private constant MAX_DURATION = 7 days;
    uint256 private constant MIN_START_MULTIPLE = 11_000;
    uint256 private constant MAX_START_MULTIPLE = 100_000;
    uint256 private constant MAX_FLOOR_DIVISOR = 10_000;
    uint256 private constant MIN_SOLD = 1_000;

    /// @inheritdoc IBuybackAuction
    IFLK public immutable flk;
    /// @inheritdoc IBuybackAuction
    IERC20 public immutable stable;
    /// @inheritdoc IBuybackAuction
    IEpochSettlement public immutable settlement;

    Terms private _terms;
    uint96 private _referencePrice;
    /// @dev Lots cover the epochs below.
    uint64 private _coveredEpochs;
    /// @dev Cumulative payouts of these epochs to this contract, micro-USD.
    uint64 private _coveredRevenue;
    /// @inheritdoc ITimedPause
    uint40 public pausedUntil;
    Lot[] private _lots;

    constructor(IFLK token, IERC20 stablecoin, IEpochSettlement epochSettlement) {
        flk = token;
        stable = stablecoin;
        settlement = epochSettlement;
        _disableInitializers();
    }

    /// @param firstReference where the first lot looks for the market, wei per micro-USD
    function initialize(address authority, Terms calldata firstTerms, uint96 firstReference) external initializer {
        __AccessManaged_init(authority);
        _setTerms(firstTerms, firstReference);
    }

    /// @inheritdoc IBuybackAuction
    function open(uint256 stableTotal, uint256 flkTotal, bytes32[] calldata proof) external returns (uint64 lotId) {
        TimedPause.requireNotPaused(pausedUntil);
        IEpochSettlement.Status memory status = settlement.status();
        if (status.activeEpochs <= _coveredEpochs) revert NoNewEpoch(status.activeEpochs);
        uint64 fromEpoch = _coveredEpochs;
        _coveredEpochs = status.activeEpochs;
        lotId = uint64(_lots.length);
        if (lotId != 0 && !_lots[lotId - 1].closed) close(lotId - 1);
        _claim(status.payoutRoot, stableTotal, flkTotal, proof);

        // More than fits stays for a later lot.
        uint256 amount = Math.min(stable.balanceOf(address(this)), type(uint64).max);
        if (amount < _terms.minLot) revert LotTooSmall(amount, _terms.minLot);
        // A contradictory payout must not stop the sale: it counts as no revenue.
        uint256 revenue = stableTotal > _coveredRevenue ? Math.min(stableTotal - _coveredRevenue, amount) : 0;
        _coveredRevenue = Math.max(_coveredRevenue, stableTotal).toUint64();
        _push(lotId, fromEpoch, uint64(amount), uint64(revenue));
    }

    /// @inheritdoc IBuybackAuction
    function bid(
        uint64 lotId,
        uint256 amount,
        uint256 maxFlk,
        address to
    ) external returns (uint256 sold, uint256 burned) {
        TimedPause.requireNotPaused(pausedUntil);
        if (amount == 0) revert ZeroAmount();
        if (to == address(0) || to == address(this)) revert InvalidRecipient(to);
        Lot storage current = _onSale(lotId, block.timestamp);
        sold = Math.min(amount, current.amount - current.sold);
        burned = sold * _price(current, block.timestamp);
        if (burned > maxFlk) revert TooExpensive(burned, maxFlk);

        // No need for a checked cast: at most the amount.
        current.sold += uint64(sold);
        current.burned += burned.toUint128();
        emit LotSold(lotId, msg.sender, to, sold, burned);
        if (current.sold == current.amount) _close(lotId, current);
        flk.burnFrom(msg.sender, burned);
        stable.safeTransfer(to, sold);
    }

    /// @inheritdoc IBuybackAuction
    function burnDonations() external {
        uint256 amount = flk.balanceOf(address(this));
        if (amount == 0) revert NothingToBurn();
        flk.burn(amount);
    }

    /// @inheritdoc IBuybackAuction
    function setTerms(Terms calldata newTerms) external restricted {
        _setTerms(newTerms, _referencePrice);
    }

    /// @inheritdoc ITimedPause
    function pauseFor(uint32 duration) external restricted {
        uint256 lots = _lots.length;
        if (lots != 0) {
            Lot storage newest = _lots[lots - 1];
            // What is over must not go on after the pause.
            if (!newest.closed && block.timestamp >= newest.closesAt) _close(uint64(lots - 1), newest);
        }
        pausedUntil = TimedPause.start(pausedUntil, duration);
        _moveLot(block.timestamp, pausedUntil);
    }

    /// @inheritdoc ITimedPause
    function unpause() external restricted {
        uint40 until = pausedUntil;
        pausedUntil = TimedPause.end(until);
        _moveLot(until, block.timestamp);
    }

    /// @inheritdoc IBuybackAuction
    function lot(uint64 lotId) external view returns (Lot memory) {
        return _lot(lotId);
    }

    /// @inheritdoc IBuybackAuction
    function counted(uint64 lotId) external view returns (uint256) {
        return _counted(_lot(lotId));
    }

    /// @inheritdoc IBuybackAuction
    function lotCount() external view returns (uint64) {
        return uint64(_lots.length);
    }

    /// @inheritdoc IBuybackAuction
    function lotOfEpoch(uint64 epoch) external view returns (uint64) {
        if (epoch >= _coveredEpochs) revert NoLotYet(epoch);
        uint256 low = 0;
        uint256 high = _lots.length - 1;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (_lots[middle].toEpoch < epoch) low = middle + 1;
            else high = middle;
        }
        return uint64(low);
    }

    /// @inheritdoc IBuybackAuction
    function price(uint64 lotId) external view returns (uint256) {
        // A pause has moved the lot by all of its length: where it stands is where it will when the pause ends.
        uint256 when = Math.max(block.timestamp, pausedUntil);
        return _price(_onSale(lotId, when), when);
    }

    /// @inheritdoc IBuybackAuction
    function referencePrice() external view returns (uint256) {
        return _referencePrice;
    }

    /// @inheritdoc IBuybackAuction
    function terms() external view returns (Terms memory) {
        return _terms;
    }

    /// @inheritdoc IBuybackAuction
    function close(uint64 lotId) public {
        Lot storage current = _lot(lotId);
        if (current.closed) revert LotOver(lotId);
        if (block.timestamp < current.closesAt) revert LotStillOpen(lotId, current.closesAt);
        _close(lotId, current);
    }

    /// @dev The proof is asked for even when everything was claimed: it says which revenue is that of the epochs up to now, so that no lot
    /// counts that of earlier epochs for later ones.
    function _claim(bytes32 root, uint256 stableTotal, uint256 flkTotal, bytes32[] calldata proof) private {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(address(this), stableTotal, flkTotal))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert InvalidProof();
        if (settlement.claimed(address(this)).stable < stableTotal) {
            settlement.claim(address(this), stableTotal, flkTotal, proof);
        }
    }

    function _push(uint64 lotId, uint64 fromEpoch, uint64 amount, uint64 revenue) private {
        uint256 basis = _referencePrice;
        Lot storage added = _lots.push();
        added.fromEpoch = fromEpoch;
        added.toEpoch = _coveredEpochs - 1;
        added.opensAt = uint48(block.timestamp);
        added.closesAt = uint48(block.timestamp + _terms.duration);
        added.amount = amount;
        added.revenue = revenue;
        // No need for checked casts: a 96-bit price, at most tenfold.
        added.startPrice = uint128(Math.ceilDiv(basis * _terms.startMultipleBps, BPS));
        added.floorPrice = uint128(Math.ceilDiv(basis, _terms.floorDivisor));
        emit LotOpened(
            lotId,
            fromEpoch,
            added.toEpoch,
            amount,
            revenue,
            added.startPrice,
            added.floorPrice,
            added.closesAt
        );
    }

    /// @dev No lot opens or closes during a pause, so that an open one was moved by the pause there is, and by nothing else.
    function _moveLot(uint256 from, uint256 to) private {
        uint256 lots = _lots.length;
        if (lots == 0) return;
        Lot storage newest = _lots[lots - 1];
        if (newest.closed) return;
        newest.opensAt = uint48(newest.opensAt + to - from);
        newest.closesAt = uint48(newest.closesAt + to - from);
        emit LotMoved(uint64(lots - 1), newest.opensAt, newest.closesAt);
    }

    function _close(uint64 lotId, Lot storage current) private {
        current.closed = true;
        (uint256 amount, uint256 sold, uint256 burned) = (current.amount, current.sold, current.burned);
        emit LotClosed(lotId, current.fromEpoch, current.toEpoch, sold, burned, amount - sold, _counted(current));
        if (sold * BPS >= amount * _terms.minSoldBps) _setReference(Math.ceilDiv(burned, sold));
        else _setReference(_referencePrice / 2);
    }

    function _setTerms(Terms calldata newTerms, uint96 basis) private {
        uint256 multiple = newTerms.startMultipleBps;
        _requireTerm("duration", newTerms.duration, MIN_DURATION, MAX_DURATION);
        _requireTerm("startMultipleBps", multiple, MIN_START_MULTIPLE, MAX_START_MULTIPLE);
        // One lot bought at its start price must not put the next one out of the market's reach.
        _requireTerm("floorDivisor", newTerms.floorDivisor, Math.ceilDiv(multiple, BPS), MAX_FLOOR_DIVISOR);
        _requireTerm("minSoldBps", newTerms.minSoldBps, MIN_SOLD, BPS);
        _requireTerm("minLot", newTerms.minLot, 1, type(uint64).max);
        _requireTerm("minReference", newTerms.minReference, 1, newTerms.maxReference);
        _terms = newTerms;
        emit TermsSet(newTerms);
        _setReference(basis);
    }

    function _setReference(uint256 wanted) private {
        uint256 clamped = Math.max(_terms.minReference, Math.min(_terms.maxReference, wanted));
        _referencePrice = uint96(clamped);
        emit ReferencePriceSet(clamped);
    }

    function _authorizeUpgrade(address) internal override restricted {}

    function _lot(uint64 lotId) private view returns (Lot storage) {
        if (lotId >= _lots.length) revert UnknownLot(lotId);
        return _lots[lotId];
    }

    function _onSale(uint64 lotId, uint256 when) private view returns (Lot storage current) {
        current = _lot(lotId);
        if (current.closed || when >= current.closesAt) revert LotOver(lotId);
    }

    /// @dev What has fallen is rounded down: the price is rounded against the bidder.
    function _price(Lot storage current, uint256 when) private view returns (uint256) {
        uint256 range = current.startPrice - current.floorPrice;
        uint256 elapsed = when - current.opensAt;
        return current.startPrice - (range * elapsed) / (current.closesAt - current.opensAt);
    }

    function _counted(Lot storage current) private view returns (uint256) {
        return (uint256(current.burned) * current.revenue) / current.amount;
    }

    function _requireTerm(bytes32 term, uint256 value, uint256 min, uint256 max) private pure {
        if (value < min || value > max) revert TermOutOfBounds(term, value, min, max);
    }
}
