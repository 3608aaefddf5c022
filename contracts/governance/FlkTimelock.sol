// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title What governance decided waits here before it happens, so that whoever disagrees can leave
/// @notice Holds the admin role of the authority of all contracts, and so may upgrade them. The governor proposes and cancels; who executes does
/// not matter once the delay is over.
contract FlkTimelock is TimelockController {
    /// @param minDelay seconds
    /// @param proposers who may schedule and cancel: the governor
    /// @param executors who may execute; the zero address means anyone
    /// @param admin sets the roles up and renounces; the zero address means that only the timelock itself does
    constructor(
        uint256 minDelay,
        address[] memory proposers,
        address[] memory executors,
        address admin
    ) TimelockController(minDelay, proposers, executors, admin) {}
}
