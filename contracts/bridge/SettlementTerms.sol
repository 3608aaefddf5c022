// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlementControl} from "../interfaces/IEpochSettlement.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title What governance sets about settlements
/// @dev These numbers are here and not in {ProtocolParameters} because every settlement reads them: there they would cost it three calls.
abstract contract SettlementTerms is ISettlementControl, SettlementState {
    uint256 private constant MAX_ACTIVATION_DELAY = 14 days;
    uint256 private constant MAX_RECOVERY_DELAY = 365 days;
    /// @dev Nodes judge time by clocks of their own; more than a day would let close times run ahead of what can accrue.
    uint256 private constant MAX_TOLERANCE = 1 days;

    /// @inheritdoc ISettlementControl
    function setLimits(Limits calldata wanted) external restricted {
        _parameters.requireThaw(wanted.activationDelay);
        _parameters.requireEscape(_delays.escapeDelay, wanted.activationDelay);
        _setLimits(wanted);
    }

    /// @inheritdoc ISettlementControl
    function setDelays(Delays calldata wanted) external restricted {
        _parameters.requireEscape(wanted.escapeDelay, _limits.activationDelay);
        _setDelays(wanted);
    }

    /// @inheritdoc ISettlementControl
    function withdrawRefunds(address payable to, uint256 amount) external restricted {
        if (to == address(0)) revert ZeroRecipient();
        (bool sent, ) = to.call{value: amount}("");
        if (!sent) revert TransferFailed(to);
    }

    function _setLimits(Limits calldata wanted) internal {
        if (wanted.activationDelay > MAX_ACTIVATION_DELAY) {
            revert InvalidDelay(wanted.activationDelay, 0, MAX_ACTIVATION_DELAY);
        }
        if (wanted.closeTimeTolerance > MAX_TOLERANCE) revert InvalidDelay(wanted.closeTimeTolerance, 0, MAX_TOLERANCE);
        _limits = wanted;
        emit LimitsSet(wanted);
    }

    /// @dev That `escapeDelay` is long enough the parameters say, which are not there yet when this is initialised, and ask for it when they are.
    function _setDelays(Delays calldata wanted) internal {
        if (wanted.exitWindow == 0) revert InvalidDelay(0, 1, MAX_RECOVERY_DELAY);
        uint256 recoveryMin = uint256(wanted.escapeDelay) + wanted.exitWindow;
        if (wanted.recoveryDelay < recoveryMin || wanted.recoveryDelay > MAX_RECOVERY_DELAY) {
            revert InvalidDelay(wanted.recoveryDelay, recoveryMin, MAX_RECOVERY_DELAY);
        }
        _delays = wanted;
        emit DelaysSet(wanted);
    }
}
