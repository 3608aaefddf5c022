// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title How posters get their gas back
abstract contract SettlementRefund is SettlementState {
    /// @dev What a poster pays outside of what it measures: the transaction itself and the transfer back.
    uint256 private constant GAS_OUTSIDE = 30_000;
    /// @dev The least that a byte of calldata costs: a poster must not earn by empty bytes.
    uint256 private constant GAS_PER_BYTE = 4;
    uint256 private constant GAS_OF_RECIPIENT = 30_000;

    /// @dev Pays the caller back, at most `maxGasPrice` wei per gas. A caller that does not take it gets nothing: its settlement stays.
    function _refund(uint256 gasBefore, uint256 maxGasPrice) internal {
        uint256 spent = gasBefore - gasleft() + GAS_OUTSIDE + GAS_PER_BYTE * msg.data.length;
        uint256 amount = Math.min(spent * Math.min(tx.gasprice, maxGasPrice), address(this).balance);
        if (amount == 0) return;
        bool sent;
        // Takes no return data: a caller must not make the call expensive by it.
        assembly ("memory-safe") {
            sent := call(GAS_OF_RECIPIENT, caller(), amount, 0, 0, 0, 0)
        }
        if (sent) emit Refunded(msg.sender, amount);
    }
}
