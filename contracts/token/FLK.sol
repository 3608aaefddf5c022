// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit, IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {IFLK} from "../interfaces/IFLK.sol";

/// @title Implementation of {IFLK}, which says what it does
contract FLK is ERC20, ERC20Burnable, ERC20Permit, ERC20Votes, AccessManaged, IFLK {
    using SafeCast for uint256;

    uint256 private constant BPS = 10_000;
    uint64 private constant YEAR_MS = 365 days * 1000;

    /// @dev Two slots: every settlement reads and writes it all.
    struct Year {
        uint64 start;
        uint64 lastCloseTime;
        uint128 carried;
        uint128 supplyAtStart;
        uint128 minted;
    }

    /// @inheritdoc IFLK
    uint256 public immutable ceilingBps;

    Year private _year;

    /// @param initialSupply wei, all to `receiver`
    constructor(
        address authority,
        address receiver,
        uint256 initialSupply,
        uint256 ceiling
    ) ERC20("Fleek Network", "FLK") ERC20Permit("Fleek Network") AccessManaged(authority) {
        if (ceiling > BPS) revert CeilingTooHigh(ceiling);
        ceilingBps = ceiling;
        _mint(receiver, initialSupply);
    }

    /// @inheritdoc IFLK
    function openAccrual(uint64 startTime) external restricted {
        if (_year.start != 0) revert AccrualAlreadyOpen();
        uint256 supply = totalSupply();
        _year = Year(startTime, startTime, 0, supply.toUint128(), 0);
        emit AccrualOpened(startTime, supply);
    }

    /// @inheritdoc IFLK
    function mint(address to, uint256 amount, uint64 closeTime) external restricted {
        Year memory current = _yearAt(closeTime);
        uint256 available = _available(current, closeTime);
        if (amount > available) revert InflationCeilingExceeded(amount, available);

        if (current.start != _year.start) emit YearStarted(current.start, current.supplyAtStart, current.carried);
        current.lastCloseTime = closeTime;
        current.minted += amount.toUint128();
        _year = current;
        if (amount != 0) _mint(to, amount);
    }

    /// @inheritdoc IFLK
    function mintable(uint64 closeTime) external view returns (uint256) {
        return _available(_yearAt(closeTime), closeTime);
    }

    /// @inheritdoc IFLK
    function year()
        external
        view
        returns (uint64 start, uint64 lastCloseTime, uint256 supplyAtStart, uint256 minted, uint256 carried)
    {
        Year storage current = _year;
        return (current.start, current.lastCloseTime, current.supplyAtStart, current.minted, current.carried);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    /// @dev The year that `closeTime` falls into. An epoch across the boundary keeps what it accrued before it: without
    /// that, a settlement that grants exactly what accrued could not be paid.
    function _yearAt(uint64 closeTime) private view returns (Year memory current) {
        current = _year;
        if (current.start == 0) revert AccrualNotOpen();
        if (closeTime < current.lastCloseTime) revert CloseTimeBackwards(closeTime, current.lastCloseTime);
        uint64 elapsedYears = (closeTime - current.start) / YEAR_MS;
        if (elapsedYears == 0) return current;

        uint64 end = current.start + YEAR_MS;
        uint256 unminted = _available(current, end);
        uint256 sinceLastMint = _accrued(current.supplyAtStart, end - current.lastCloseTime);
        uint64 start = current.start + elapsedYears * YEAR_MS;
        uint256 carried = elapsedYears == 1 ? Math.min(unminted, sinceLastMint) : 0;
        return Year(start, current.lastCloseTime, carried.toUint128(), totalSupply().toUint128(), 0);
    }

    function _available(Year memory current, uint64 time) private view returns (uint256) {
        return uint256(current.carried) + _accrued(current.supplyAtStart, time - current.start) - current.minted;
    }

    function _accrued(uint256 supply, uint64 elapsed) private view returns (uint256) {
        return Math.mulDiv(supply, ceilingBps * elapsed, BPS * uint256(YEAR_MS));
    }
}
