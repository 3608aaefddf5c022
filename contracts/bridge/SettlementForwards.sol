// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEpochSettlement, ISettlementControl} from "../interfaces/IEpochSettlement.sol";
import {Committee} from "../libraries/CommitteeCertificate.sol";
import {SettlementControl} from "./SettlementControl.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title The functions of {ISettlementControl}, each run by {SettlementControl} on this contract's storage
/// @dev None can be called while a settlement is posted or activated, which keeps the head in memory while the stablecoin moves.
abstract contract SettlementForwards is IEpochSettlement, SettlementState, ReentrancyGuardTransient {
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
    function start(Committee calldata, uint64) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function veto(uint64) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function challengeCommittee(Settlement calldata, Committee calldata) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function release(uint64) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function freeze(Opening calldata) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function restart(Opening calldata, Committee calldata, uint64) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function recover(Opening calldata, Committee calldata, uint64) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function setLimits(Limits calldata) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function setDelays(Delays calldata) external nonReentrant {
        _forward();
    }

    /// @inheritdoc ISettlementControl
    function withdrawRefunds(address payable, uint256) external nonReentrant {
        _forward();
    }

    /// @dev None of them returns anything. Returns here, so that the guard opens again; reverts with what the code behind reverted with.
    function _forward() private {
        address target = control;
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, 0, calldatasize())
            let ok := delegatecall(gas(), target, input, calldatasize(), 0, 0)
            if iszero(ok) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
        }
    }
}
