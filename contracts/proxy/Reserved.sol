// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @title Holds the address of a proxy until its implementation is there
/// @notice The contracts of a deployment name each other in their code, as immutables. So all proxies come first, with this
/// implementation, and each is upgraded once to its own. Only the deployer may do that; what it upgrades to has its own rules.
contract Reserved is UUPSUpgradeable {
    /// @notice Only the account that deployed this implementation may use the reserved addresses.
    error NotDeployer(address caller);

    /// @notice Who may upgrade the proxies that have this implementation.
    address public immutable deployer = msg.sender;

    /// @notice Does nothing: a proxy wants a call at its construction.
    function reserve() external {}

    function _authorizeUpgrade(address) internal view override {
        if (msg.sender != deployer) revert NotDeployer(msg.sender);
    }
}
