// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";

/// @title Implementation of {IProtocolParameters}, which says what it does
contract ProtocolParameters is IProtocolParameters, AccessManaged {
    uint256 private constant BPS = 10_000;
    bytes32 private constant NODE = "nodeShareBps";
    bytes32 private constant SERVICE = "serviceShareBps";
    bytes32 private constant TREASURY = "treasuryShareBps";
    bytes32 private constant BUYBACK = "buybackShareBps";

    Parameter[] private _parameters;
    /// @dev Position in `_parameters` plus one; 0 means absent.
    mapping(bytes32 key => uint256 position) private _positions;

    constructor(address authority, Parameter[] memory parameters) AccessManaged(authority) {
        for (uint256 i = 0; i < parameters.length; i++) {
            Parameter memory parameter = parameters[i];
            if (_positions[parameter.key] != 0) revert DuplicateParameter(parameter.key);
            _parameters.push(parameter);
            _positions[parameter.key] = i + 1;
            _write(parameter.key, parameter.value);
        }
        _requireShares(get(NODE), get(SERVICE), get(TREASURY), get(BUYBACK));
    }

    /// @inheritdoc IProtocolParameters
    function set(bytes32 key, uint256 value) external restricted {
        if (key == NODE || key == SERVICE || key == TREASURY || key == BUYBACK) revert UseSetShares(key);
        _write(key, value);
    }

    /// @inheritdoc IProtocolParameters
    function setShares(
        uint256 nodeBps,
        uint256 serviceBps,
        uint256 treasuryBps,
        uint256 buybackBps
    ) external restricted {
        _requireShares(nodeBps, serviceBps, treasuryBps, buybackBps);
        _write(NODE, nodeBps);
        _write(SERVICE, serviceBps);
        _write(TREASURY, treasuryBps);
        _write(BUYBACK, buybackBps);
    }

    /// @inheritdoc IProtocolParameters
    function bounds(bytes32 key) external view returns (uint256 min, uint256 max) {
        Parameter storage parameter = _parameter(key);
        return (parameter.min, parameter.max);
    }

    /// @inheritdoc IProtocolParameters
    function all() external view returns (Parameter[] memory) {
        return _parameters;
    }

    /// @inheritdoc IProtocolParameters
    function get(bytes32 key) public view returns (uint256) {
        return _parameter(key).value;
    }

    function _write(bytes32 key, uint256 value) private {
        Parameter storage parameter = _parameter(key);
        if (value < parameter.min || value > parameter.max) {
            revert OutOfBounds(key, value, parameter.min, parameter.max);
        }
        parameter.value = value;
        emit ParameterSet(key, value);
    }

    function _parameter(bytes32 key) private view returns (Parameter storage) {
        uint256 position = _positions[key];
        if (position == 0) revert UnknownParameter(key);
        return _parameters[position - 1];
    }

    function _requireShares(uint256 node, uint256 service, uint256 treasury, uint256 buyback) private pure {
        uint256 sum = node + service + treasury + buyback;
        if (sum != BPS) revert SharesMustSumTo10000(sum);
    }
}
