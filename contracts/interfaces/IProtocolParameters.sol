// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Every governed number, with its bounds
/// @notice Keys are ASCII names, left-aligned in 32 bytes: bytes32("epochLengthMs"). The set of keys and the bounds are
/// fixed at deployment. Contracts read a value when they use it; the protocol chain takes a change at the next epoch boundary.
interface IProtocolParameters {
    struct Parameter {
        bytes32 key;
        uint256 value;
        uint256 min;
        uint256 max;
    }

    /// @notice No such parameter.
    error UnknownParameter(bytes32 key);
    /// @notice Each key once.
    error DuplicateParameter(bytes32 key);
    /// @notice `value` is outside [`min`, `max`].
    error OutOfBounds(bytes32 key, uint256 value, uint256 min, uint256 max);
    /// @notice The four revenue shares must sum to 10000 basis points.
    error SharesMustSumTo10000(uint256 sum);
    /// @notice A share changes only together with the others, by `setShares`.
    error UseSetShares(bytes32 key);

    /// @notice `key` has the value `value` from now on. Also emitted for each value at deployment.
    event ParameterSet(bytes32 indexed key, uint256 value);

    /// @notice Sets one parameter. Only governance.
    function set(bytes32 key, uint256 value) external;

    /// @notice Sets the four shares of revenue, basis points. Only governance.
    function setShares(uint256 nodeBps, uint256 serviceBps, uint256 treasuryBps, uint256 buybackBps) external;

    /// @notice The value of `key`; reverts when there is none.
    function get(bytes32 key) external view returns (uint256);

    /// @notice Inclusive bounds of `key`.
    function bounds(bytes32 key) external view returns (uint256 min, uint256 max);

    /// @notice Every parameter, in the order of deployment.
    function all() external view returns (Parameter[] memory);
}
