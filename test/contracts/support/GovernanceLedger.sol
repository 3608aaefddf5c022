// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {GovernanceFixture} from "./GovernanceFixture.sol";
import {vm} from "./Vm.sol";

/// @notice What four holders have, whom they delegate it to and what they decided, kept beside the contracts. All FLK is theirs.
abstract contract GovernanceLedger is GovernanceFixture {
    uint256 internal constant VOTERS = 4;
    uint256 internal constant NOBODY = VOTERS;
    uint64 internal constant GUARDIAN_ROLE = 2;
    address internal constant GUARDIAN = address(0x9a4d);

    /// @dev Of all voters, at the end of a second.
    struct Past {
        uint256 time;
        uint256[VOTERS] votes;
        /// as last recorded
        uint256 supply;
    }

    struct Decision {
        uint256 id;
        uint256 proposer;
        uint256 snapshot;
        uint256 deadline;
        /// 0 until it is queued
        uint256 dueAt;
        uint256[3] tally;
        /// Votes that count, and whether they were cast, once the snapshot is past.
        uint256[VOTERS] weights;
        bool[VOTERS] cast;
        uint256 quorum;
        bool canceled;
        bool executed;
    }

    uint256[VOTERS] internal tokens;
    uint256[VOTERS] internal units;
    uint256[VOTERS] internal tokensFor;
    uint256[VOTERS] internal unitsFor;
    uint256 internal supply = SUPPLY;
    uint256 internal recorded = SUPPLY;
    Past[] internal pasts;
    Decision[] internal decisions;
    /// @dev What {proposal} says the content of.
    uint256 internal chosen;

    function _setUpLedger() internal {
        setUp();
        bytes4[] memory pause = new bytes4[](1);
        pause[0] = staking.pauseFor.selector;
        vm.prank(address(timelock));
        manager.setTargetFunctionRole(address(staking), pause, GUARDIAN_ROLE);
        vm.prank(address(timelock));
        manager.grantRole(GUARDIAN_ROLE, GUARDIAN, 0);
        registerNode(_voter(2));
        // A quorum is 4 %: BOB's tokens do not reach it, those of the third voter barely do.
        tokens = [0, (SUPPLY * 3) / 100, (SUPPLY * 45) / 1000, THRESHOLD / 2];
        for (uint256 i = 1; i < VOTERS; i++) flk.transfer(_voter(i), tokens[i]);
        flk.transfer(ALICE, flk.balanceOf(address(this)));
        tokens[0] = flk.balanceOf(ALICE);
        units[1] = SUPPLY / 10;
        vm.prank(_voter(2));
        flk.delegate(_voter(2));
        tokensFor = [0, NOBODY, 2, NOBODY];
        unitsFor = [0, uint256(1), 2, 3];
        _pass(1);
    }

    // --- time

    /// @dev What is over no longer changes: remembered here, and what proposals count of it.
    function _pass(uint256 seconds_) internal {
        uint256 next = time + seconds_;
        Past storage past = pasts.push();
        (past.time, past.supply) = (time, recorded);
        for (uint256 i = 0; i < VOTERS; i++) past.votes[i] = _votesOf(i);
        for (uint256 i = 0; i < decisions.length; i++) {
            Decision storage d = decisions[i];
            if (d.snapshot < time || d.snapshot >= next) continue;
            d.weights = past.votes;
            d.quorum = (past.supply * 4) / 100;
        }
        later(seconds_);
    }

    // --- what the books say

    function _votesOf(uint256 voter) internal view returns (uint256 sum) {
        for (uint256 i = 0; i < VOTERS; i++) {
            if (tokensFor[i] == voter) sum += tokens[i];
            if (unitsFor[i] == voter) sum += units[i];
        }
    }

    function _quorate(Decision storage d) internal view returns (bool) {
        return d.tally[FOR] + d.tally[ABSTAIN] >= d.quorum;
    }

    function _stateOf(Decision storage d) internal view returns (IGovernor.ProposalState) {
        if (d.canceled) return IGovernor.ProposalState.Canceled;
        if (d.executed) return IGovernor.ProposalState.Executed;
        if (time <= d.snapshot) return IGovernor.ProposalState.Pending;
        if (time <= d.deadline) return IGovernor.ProposalState.Active;
        if (!_quorate(d) || d.tally[FOR] <= d.tally[AGAINST]) return IGovernor.ProposalState.Defeated;
        return d.dueAt == 0 ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Queued;
    }

    /// @dev ALICE, BOB, who has node 1, the owner of node 2, and one that may not propose by itself.
    function _voter(uint256 index) internal pure returns (address) {
        if (index == NOBODY) return address(0);
        return [ALICE, BOB, address(0xca201), address(0xda4)][index];
    }
}
