// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title FLK, the token of the network: 18 decimals, Permit, Votes, Burnable
/// @notice New FLK exists only through settlements. The ceiling is enforced here, whatever the settlement asks for:
/// within a year that starts at the start of accrual (and again each 365 days later),
/// minted <= ceilingBps * supplyAtYearStart * elapsed / year, where elapsed is measured by the signed close times of
/// settlements. What a year leaves unminted is lost, except what accrued since its last mint.
/// @dev Assumes that the caller holding the settlement role passes the close time that the committee signed.
interface IFLK is IERC20, IERC20Permit {
    /// @notice Accrual was opened before.
    error AccrualAlreadyOpen();
    /// @notice No mint before accrual is open.
    error AccrualNotOpen();
    /// @notice `closeTime` (Unix ms) is before `last`, the newest one used.
    error CloseTimeBackwards(uint64 closeTime, uint64 last);
    /// @notice `amount` wei asked, `available` wei left under the ceiling.
    error InflationCeilingExceeded(uint256 amount, uint256 available);
    /// @notice The ceiling cannot exceed 10000 basis points.
    error CeilingTooHigh(uint256 ceilingBps);

    /// @notice The first year starts at `startTime` (Unix ms) with `supply` wei.
    event AccrualOpened(uint64 startTime, uint256 supply);
    /// @notice A year started at `startTime` (Unix ms) with `supply` wei; `carried` wei are left of the year before.
    event YearStarted(uint64 startTime, uint256 supply, uint256 carried);

    /// @notice Opens the accrual, once. Only the settlement.
    /// @param startTime start of epoch 0, Unix ms
    function openAccrual(uint64 startTime) external;

    /// @notice Mints `amount` wei to `to` under the ceiling as of `closeTime`. Only the settlement.
    /// @param closeTime signed close time of the settled epoch, Unix ms; moves the accrual even when `amount` is 0
    function mint(address to, uint256 amount, uint64 closeTime) external;

    /// @notice Wei that may still be minted if the next mint carries `closeTime` (Unix ms).
    function mintable(uint64 closeTime) external view returns (uint256);

    /// @notice Hard ceiling per year, basis points of the supply at the start of the year.
    function ceilingBps() external view returns (uint256);

    /// @notice The current year: its start and the newest close time (Unix ms), supply at its start, wei minted in it,
    /// wei carried into it.
    function year()
        external
        view
        returns (uint64 start, uint64 lastCloseTime, uint256 supplyAtStart, uint256 minted, uint256 carried);
}
