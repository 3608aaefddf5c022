// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITimedPause} from "../interfaces/ITimedPause.sol";

/// @title The rules of {ITimedPause}
/// @notice Keeps nothing: the contract packs the end of the newest pause (Unix seconds, 0 when there was none) into a slot that it
/// reads anyway, and sets it to what `start` and `end` return.
library TimedPause {
    uint32 internal constant MAX_DURATION = 14 days;
    uint32 internal constant PAUSE_BETWEEN = 14 days;

    /// @notice Reverts while paused.
    function requireNotPaused(uint40 pausedUntil) internal view {
        if (block.timestamp < pausedUntil) revert ITimedPause.IsPaused(pausedUntil);
    }

    /// @return until when a pause of `duration` seconds ends that starts now
    function start(uint40 pausedUntil, uint32 duration) internal returns (uint40 until) {
        if (duration == 0 || duration > MAX_DURATION) revert ITimedPause.InvalidPause(duration, MAX_DURATION);
        uint40 notBefore = pausedUntil == 0 ? 0 : pausedUntil + PAUSE_BETWEEN;
        if (block.timestamp < notBefore) revert ITimedPause.PauseTooSoon(notBefore);
        until = uint40(block.timestamp) + duration;
        emit ITimedPause.Paused(until);
    }

    /// @return until now, which is when the pause ends
    function end(uint40 pausedUntil) internal returns (uint40 until) {
        if (block.timestamp >= pausedUntil) revert ITimedPause.NotPaused();
        until = uint40(block.timestamp);
        emit ITimedPause.Unpaused();
    }
}
