// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit, IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {TransferAuthorization} from "./TransferAuthorization.sol";

/// @title Implementation of {IFLK}, which says what it does
contract FLK is ERC20, ERC20Burnable, ERC20Permit, ERC20Votes, TransferAuthorization, IFLK {
    using SafeCast for uint256;

    uint256 private constant BPS = 10_000;
    uint64 private constant YEAR_MS = 365 days * 1000;

    /// @dev Two slots: every settlement changes the first, a new year the second.
    struct Year {
        uint64 start;
        uint64 lastCloseTime;
        uint128 minted;
        uint128 supplyAtStart;
        uint128 carried;
    }

    /// @inheritdoc IFLK
    address public immutable minter;
    /// @inheritdoc IFLK
    uint256 public immutable ceilingBps;

    Year private _year;

    modifier onlyMinter() {
        if (msg.sender != minter) revert NotMinter(msg.sender);
        _;
    }

    /// @param settlement the only account that may ever mint
    /// @param initialSupply wei, all to `receiver`
    /// @param ceiling basis points per year
    constructor(
        address settlement,
        address receiver,
        uint256 initialSupply,
        uint256 ceiling
    ) ERC20("Fleek Network", "FLK") ERC20Permit("Fleek Network") {
        if (ceiling > BPS) revert CeilingTooHigh(ceiling);
        minter = settlement;
        ceilingBps = ceiling;
        _mint(receiver, initialSupply);
        recordSupply();
    }

    /// @inheritdoc IFLK
    function openAccrual(uint64 startTime) external onlyMinter {
        if (_year.start != 0) revert AccrualAlreadyOpen();
        uint256 supply = totalSupply();
        _year = Year(startTime, startTime, 0, supply.toUint128(), 0);
        emit AccrualOpened(startTime, supply);
    }

    /// @inheritdoc IFLK
    function mint(address to, uint256 amount, uint64 closeTime) external onlyMinter returns (uint256 minted) {
        (Year memory current, uint64 time) = _yearAt(closeTime);
        minted = Math.min(amount, _available(current, time));

        if (current.start != _year.start) emit YearStarted(current.start, current.supplyAtStart, current.carried);
        current.lastCloseTime = time;
        current.minted += minted.toUint128();
        _year = current;
        if (minted != 0) _mint(to, minted);
    }

    /// @inheritdoc IFLK
    function mintable(uint64 closeTime) external view returns (uint256) {
        (Year memory current, uint64 time) = _yearAt(closeTime);
        return _available(current, time);
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

    /// @inheritdoc IFLK
    function recordSupply() public {
        uint256 supply = totalSupply();
        uint256 recorded = _getTotalSupply();
        // The minter delegates to nobody: only the checkpoint of the total moves.
        if (supply > recorded) super._transferVotingUnits(address(0), minter, supply - recorded);
        else if (supply < recorded) super._transferVotingUnits(minter, address(0), recorded - supply);
    }

    /// @inheritdoc IFLK
    function burn(uint256 amount) public override(ERC20Burnable, IFLK) {
        super.burn(amount);
    }

    /// @inheritdoc IFLK
    function burnFrom(address account, uint256 amount) public override(ERC20Burnable, IFLK) {
        super.burnFrom(account, amount);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc IVotes
    /// @dev No need to look the minter up, which cannot delegate: each settlement and each claim would pay for it.
    function delegates(address account) public view override(Votes, IVotes) returns (address) {
        return account == minter || account == address(0) ? address(0) : super.delegates(account);
    }

    /// @notice Unix seconds, which all L2s count alike.
    function clock() public view override(Votes, IERC6372) returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice How to read `clock`, ERC-6372.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(Votes, IERC6372) returns (string memory) {
        return "mode=timestamp";
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    /// @dev Leaves the checkpoint of the total supply to `recordSupply`: no settlement pays for it.
    function _transferVotingUnits(address from, address to, uint256 amount) internal override {
        _moveDelegateVotes(delegates(from), delegates(to), amount);
    }

    function _delegate(address account, address delegatee) internal override {
        if (account == minter) revert MinterCannotDelegate();
        super._delegate(account, delegatee);
    }

    function _useCheckedNonce(address owner, uint256 nonce) internal override(Nonces, NoncesKeyed) {
        Nonces._useCheckedNonce(owner, nonce);
    }

    /// @dev The year that `closeTime` falls into, and the time up to which it accrued. A close time ahead of the L2 accrues up to now only, so
    /// that signing the future mints nothing; what it leaves stays owed, and later mints pay it.
    /// An epoch across the boundary of years keeps what it accrued before it: without that, a settlement that grants exactly what
    /// accrued could not be paid.
    function _yearAt(uint64 closeTime) private view returns (Year memory current, uint64 time) {
        current = _year;
        if (current.start == 0) revert AccrualNotOpen();
        uint64 last = current.lastCloseTime;
        if (closeTime < last) revert CloseTimeBackwards(closeTime, last);
        time = uint64(Math.max(last, Math.min(closeTime, block.timestamp * 1000)));
        uint64 elapsedYears = (time - current.start) / YEAR_MS;
        if (elapsedYears == 0) return (current, time);

        uint64 end = current.start + YEAR_MS;
        uint256 unminted = _available(current, end);
        uint256 sinceLastMint = _accrued(current.supplyAtStart, end - last);
        uint64 start = current.start + elapsedYears * YEAR_MS;
        uint256 carried = elapsedYears == 1 ? Math.min(unminted, sinceLastMint) : 0;
        current = Year(start, last, 0, totalSupply().toUint128(), carried.toUint128());
    }

    function _available(Year memory current, uint64 time) private view returns (uint256) {
        return uint256(current.carried) + _accrued(current.supplyAtStart, time - current.start) - current.minted;
    }

    function _accrued(uint256 supply, uint64 elapsed) private view returns (uint256) {
        return Math.mulDiv(supply, ceilingBps * elapsed, BPS * uint256(YEAR_MS));
    }
}
