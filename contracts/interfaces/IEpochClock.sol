// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What other contracts ask the settlement about time
interface IEpochClock {
    /// @notice The epoch that is posted next: the one that the protocol chain runs, or is about to settle.
    function nextEpoch() external view returns (uint64);

    /// @notice Seconds between the posting of a settlement and its activation.
    function activationDelay() external view returns (uint256);

    /// @notice Seconds without an activation after which anyone may freeze the settlement.
    function escapeDelay() external view returns (uint256);
}
