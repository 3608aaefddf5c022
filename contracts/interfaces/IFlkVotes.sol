// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IFLK} from "./IFLK.sol";

/// @title The votes of governance: those of FLK in accounts, and those of FLK in stake
/// @notice Whoever stakes keeps its votes. Staked FLK votes for the owner of the node, or for whom the owner delegates its stake to here; FLK
/// in accounts votes as its holders delegate it on the token. Stake counts while it thaws and until it is slashed or withdrawn.
/// Votes are counted by Unix seconds, at moments that are over: what is moved within a block, or a second, decides nothing.
/// @dev Assumes that the staking contract reports each change of stake, and that it does not delegate the tokens that it holds.
interface IFlkVotes is IERC5805 {
    /// @notice Only the staking contract reports stake.
    error NotStaking(address caller);

    /// @notice Moves `amount` wei of stake between owners; the zero address stands for accounts outside the stake. Only the staking contract.
    function transferUnits(address from, address to, uint256 amount) external;

    /// @notice Wei that `owner` has in stake and thawing.
    function stakedUnits(address owner) external view returns (uint256);

    /// @notice Votes of `account` that come from stake alone, wei.
    function getStakedVotes(address account) external view returns (uint256);

    /// @notice The token, whose votes are counted and whose supply quorums are a share of.
    function flk() external view returns (IFLK);

    /// @notice The contract that holds the stake.
    function staking() external view returns (address);
}
