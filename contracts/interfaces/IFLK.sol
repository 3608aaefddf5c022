// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title FLK, the token of the network: 18 decimals, Permit, Votes, Burnable, transfers by signature (ERC-3009)
/// @notice New FLK exists only through settlements. The ceiling is enforced here, whatever the settlement asks for:
/// within a year that starts at the start of accrual (and again each 365 days later),
/// minted <= ceilingBps * supplyAtYearStart * elapsed / year, where elapsed is measured by the signed close times of
/// settlements, and never runs ahead of the L2. What a year leaves unminted is lost, except what accrued since its last mint.
/// The token cannot be upgraded and nobody administers it: who mints is fixed in its code.
/// @dev Assumes that the minter passes the close time that the committee signed. Votes are counted by Unix seconds. Minting and burning
/// move the votes of delegates at once, while the checkpoint of the total supply, which only quorums read, waits for `recordSupply`.
/// An authorization (ERC-3009) may have any nonce that its signer did not use before.
interface IFLK is IERC20, IERC20Permit, IERC3009, IERC3009Cancel, IERC5805 {
    /// @notice Only the settlement mints.
    error NotMinter(address caller);
    /// @notice What waits at the settlement to be claimed votes for nobody.
    error MinterCannotDelegate();
    /// @notice Accrual was opened before.
    error AccrualAlreadyOpen();
    /// @notice No mint before accrual is open.
    error AccrualNotOpen();
    /// @notice `closeTime` (Unix ms) is before `last`, the newest one used.
    error CloseTimeBackwards(uint64 closeTime, uint64 last);
    /// @notice The ceiling cannot exceed 10000 basis points.
    error CeilingTooHigh(uint256 ceilingBps);

    /// @notice The first year starts at `startTime` (Unix ms) with `supply` wei.
    event AccrualOpened(uint64 startTime, uint256 supply);
    /// @notice A year started at `startTime` (Unix ms) with `supply` wei; `carried` wei are left of the year before.
    event YearStarted(uint64 startTime, uint256 supply, uint256 carried);

    /// @notice Opens the accrual, once. Only the settlement.
    /// @param startTime start of epoch 0, Unix ms
    function openAccrual(uint64 startTime) external;

    /// @notice Mints `amount` wei to `to`, or what the ceiling leaves as of `closeTime` when that is less. Only the settlement.
    /// @param closeTime signed close time of the settled epoch, Unix ms; moves the accrual even when `amount` is 0
    /// @return minted wei
    function mint(address to, uint256 amount, uint64 closeTime) external returns (uint256 minted);

    /// @notice Burns `amount` wei of the caller.
    function burn(uint256 amount) external;

    /// @notice Burns `amount` wei of `account`, out of what it allowed the caller.
    function burnFrom(address account, uint256 amount) external;

    /// @notice Brings the checkpoint of the total supply, which quorums are a share of, up to date. Anyone may call it.
    function recordSupply() external;

    /// @notice Wei that may still be minted if a mint with `closeTime` (Unix ms) came now.
    function mintable(uint64 closeTime) external view returns (uint256);

    /// @notice The only account that may mint: the settlement.
    function minter() external view returns (address);

    /// @notice Hard ceiling per year, basis points of the supply at the start of the year.
    function ceilingBps() external view returns (uint256);

    /// @notice The current year: its start and the time that the newest mint accrued to (Unix ms), supply at its start, wei minted in
    /// it, wei carried into it.
    function year()
        external
        view
        returns (uint64 start, uint64 lastCloseTime, uint256 supplyAtStart, uint256 minted, uint256 carried);
}
