// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {VotesUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/utils/VotesUpgradeable.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {IFlkVotes} from "../interfaces/IFlkVotes.sol";

/// @title Implementation of {IFlkVotes}, which says what it does
contract FlkVotes is AccessManagedUpgradeable, UUPSUpgradeable, VotesUpgradeable, IFlkVotes {
    /// @inheritdoc IFlkVotes
    IFLK public immutable flk;
    /// @inheritdoc IFlkVotes
    address public immutable staking;

    /// @inheritdoc IFlkVotes
    mapping(address owner => uint256 amount) public stakedUnits;

    constructor(IFLK token, address nodeStaking) {
        flk = token;
        staking = nodeStaking;
        _disableInitializers();
    }

    /// @notice Once, by whoever deploys the proxy.
    function initialize(address authority) external initializer {
        __AccessManaged_init(authority);
        __EIP712_init("FLK votes", "1");
    }

    /// @inheritdoc IFlkVotes
    function transferUnits(address from, address to, uint256 amount) external {
        if (msg.sender != staking) revert NotStaking(msg.sender);
        if (from != address(0)) stakedUnits[from] -= amount;
        if (to != address(0)) stakedUnits[to] += amount;
        _transferVotingUnits(from, to, amount);
    }

    /// @inheritdoc IFlkVotes
    function getStakedVotes(address account) external view returns (uint256) {
        return super.getVotes(account);
    }

    /// @inheritdoc IVotes
    function getVotes(address account) public view override(VotesUpgradeable, IVotes) returns (uint256) {
        return super.getVotes(account) + flk.getVotes(account);
    }

    /// @inheritdoc IVotes
    function getPastVotes(
        address account,
        uint256 timepoint
    ) public view override(VotesUpgradeable, IVotes) returns (uint256) {
        return super.getPastVotes(account, timepoint) + flk.getPastVotes(account, timepoint);
    }

    /// @inheritdoc IVotes
    /// @dev Stake is part of the supply of the token.
    function getPastTotalSupply(uint256 timepoint) public view override(VotesUpgradeable, IVotes) returns (uint256) {
        return flk.getPastTotalSupply(timepoint);
    }

    /// @inheritdoc IVotes
    /// @dev Stake votes for its owner until that says otherwise: an operator need not know of governance to count in it.
    function delegates(address account) public view override(VotesUpgradeable, IVotes) returns (address) {
        // Stake that comes or goes has nobody on its other side: no need to look that up.
        if (account == address(0)) return account;
        address delegatee = super.delegates(account);
        return delegatee == address(0) ? account : delegatee;
    }

    /// @notice Unix seconds, as the token counts.
    function clock() public view override(VotesUpgradeable, IERC6372) returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice How to read `clock`, ERC-6372.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(VotesUpgradeable, IERC6372) returns (string memory) {
        return "mode=timestamp";
    }

    function _authorizeUpgrade(address) internal override restricted {}

    /// @dev Keeps no total: `getPastTotalSupply` is that of the token.
    function _transferVotingUnits(address from, address to, uint256 amount) internal override {
        _moveDelegateVotes(delegates(from), delegates(to), amount);
    }

    /// @dev To nobody means back to the owner, as `delegates` says.
    function _delegate(address account, address delegatee) internal override {
        super._delegate(account, delegatee == address(0) ? account : delegatee);
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return stakedUnits[account];
    }
}
