// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, ISettlementControl} from "../interfaces/IEpochSettlement.sol";
import {Committee} from "../libraries/CommitteeCertificate.sol";
import {SettlementControl} from "./SettlementControl.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title The functions of {ISettlementControl}, each run by {SettlementControl} on this contract's storage
abstract contract SettlementForwards is IEpochSettlement, SettlementState {
    /// @notice The code behind them. Made with this contract, so that both always fit together.
    address public immutable control;

    constructor() {
        control = address(new SettlementControl(_flk, _stable, _vault, _staking, _parameters));
    }

    /// @notice Sets the authority and all terms, once.
    function initialize(address, Limits calldata, Delays calldata) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function start(Committee calldata, uint64) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function veto(uint64) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function challengeCommittee(Settlement calldata, Committee calldata) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function release(uint64) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function freeze(Opening calldata) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function restart(Opening calldata, Committee calldata, uint64) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function recover(Opening calldata, Committee calldata, uint64) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function setLimits(Limits calldata) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function setDelays(Delays calldata) external {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function withdrawRefunds(address payable, uint256) external {
        _forward();
    }

    /// @dev Ends the call with what the code behind returned or reverted with.
    function _forward() private {
        address target = control;
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, 0, calldatasize())
            let ok := delegatecall(gas(), target, input, calldatasize(), 0, 0)
            returndatacopy(input, 0, returndatasize())
            if iszero(ok) {
                revert(input, returndatasize())
            }
            return(input, returndatasize())
        }
    }
}
