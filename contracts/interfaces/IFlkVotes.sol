// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What staking tells the votes
interface IFlkVotes {
    /// @notice Moves `amount` wei of staked votes. The zero address as `from`: staked; as `to`: withdrawn or slashed. Only staking.
    function transferUnits(address from, address to, uint256 amount) external;
}
