// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A pause that ends by itself
/// @notice The guardian starts it and cannot freeze for ever: a pause lasts at most 14 days, and the next one starts 14 days after the
/// end of the last one at the earliest. What a pause stops is said by the contract; it never stops what lets funds out.
interface ITimedPause {
    /// @notice Paused until `pausedUntil` (Unix seconds).
    error IsPaused(uint40 pausedUntil);
    /// @notice There is no pause to end.
    error NotPaused();
    /// @notice A pause lasts from one second to 14 days, `max` seconds.
    error InvalidPause(uint32 duration, uint32 max);
    /// @notice The next pause starts at `notBefore` (Unix seconds) at the earliest.
    error PauseTooSoon(uint40 notBefore);

    /// @notice Paused until `until` (Unix seconds).
    event Paused(uint40 until);
    /// @notice Governance ended the pause early.
    event Unpaused();

    /// @notice Pauses for `duration` seconds. Only the guardian.
    function pauseFor(uint32 duration) external;

    /// @notice Ends a pause. Only governance.
    function unpause() external;

    /// @notice Unix seconds of the end of the newest pause; 0 when there was none. Paused while it is in the future.
    function pausedUntil() external view returns (uint40);
}
