// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlementControl} from "../interfaces/IEpochSettlement.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title What governance sets about settlements
/// @dev These numbers are here and not in {ProtocolParameters} because every settlement reads them: there they would cost it three calls.
abstract contract SettlementTerms is ISettlementControl, SettlementState {
    uint256 private constant MAX_ACTIVATION_DELAY = 14 days;
    uint256 private constant MAX_RECOVERY_DELAY = 365 days;

    /// @inheritdoc ISettlementControl
    function setLimits(Limits calldata wanted) external restricted {
        _parameters.requireThaw(wanted.activationDelay);
        _setLimits(wanted);
        _requireDelays(_delays, wanted.activationDelay);
    }

    /// @inheritdoc ISettlementControl
    function setDelays(Delays calldata wanted) external restricted {
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
        _limits = wanted;
        emit LimitsSet(wanted);
    }

    function _setDelays(Delays calldata wanted) internal {
        _requireDelays(wanted, _limits.activationDelay);
        _delays = wanted;
        emit DelaysSet(wanted);
    }

    function _requireDelays(Delays memory wanted, uint256 activation) private pure {
        uint256 escapeMin = 2 * activation + 1;
        if (wanted.escapeDelay < escapeMin) revert InvalidDelay(wanted.escapeDelay, escapeMin, MAX_RECOVERY_DELAY);
        if (wanted.exitWindow == 0) revert InvalidDelay(0, 1, MAX_RECOVERY_DELAY);
        uint256 recoveryMin = uint256(wanted.escapeDelay) + wanted.exitWindow;
        if (wanted.recoveryDelay < recoveryMin || wanted.recoveryDelay > MAX_RECOVERY_DELAY) {
            revert InvalidDelay(wanted.recoveryDelay, recoveryMin, MAX_RECOVERY_DELAY);
        }
    }
}
