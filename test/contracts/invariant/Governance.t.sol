// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {GovernanceHandler} from "../support/GovernanceHandler.sol";
import {vm} from "../support/Vm.sol";
import {Walk} from "../support/Walk.sol";

/// @notice What must hold at every step of a walk.
contract GovernanceBooks is GovernanceHandler {
    function checkVotes() external view {
        (uint256 sum, uint256 owned) = (0, 0);
        for (uint256 i = 0; i < VOTERS; i++) {
            address voter = _voter(i);
            uint256 counted = votes.getVotes(voter);
            vm.assertEq(counted, _votesOf(i));
            vm.assertEq(flk.balanceOf(voter), tokens[i]);
            vm.assertEq(votes.stakedUnits(voter), units[i]);
            sum += counted;
            owned += tokens[i] + units[i];
        }
        vm.assertEq(flk.totalSupply(), owned);
        vm.assertLe(sum, owned);
    }

    /// @dev One of the past, another as time goes on.
    function checkPast() external view {
        _checkPast(uint256(keccak256(abi.encode(time, supply, decisions.length))) % pasts.length);
    }

    function checkNewestDecision() external view {
        if (decisions.length != 0) _checkDecision(decisions.length - 1);
    }

    function checkAll() external view {
        for (uint256 i = 0; i < pasts.length; i++) _checkPast(i);
        for (uint256 i = 0; i < decisions.length; i++) _checkDecision(i);
    }

    function _checkPast(uint256 index) private view {
        Past storage past = pasts[index];
        uint256 sum = 0;
        for (uint256 i = 0; i < VOTERS; i++) {
            uint256 counted = votes.getPastVotes(_voter(i), past.time);
            vm.assertEq(counted, past.votes[i]);
            sum += counted;
        }
        vm.assertEq(votes.getPastTotalSupply(past.time), past.supply);
        vm.assertLe(sum, past.supply);
    }

    /// @dev Each voter counts once, and with what it had at the snapshot.
    function _checkDecision(uint256 index) private view {
        Decision storage d = decisions[index];
        vm.assertEq(uint256(governor.state(d.id)), uint256(_stateOf(d)));
        vm.assertEq(governor.proposalDeadline(d.id), d.deadline);
        (uint256 no, uint256 yes, uint256 neutral) = governor.proposalVotes(d.id);
        vm.assertEq(no, d.tally[AGAINST]);
        vm.assertEq(yes, d.tally[FOR]);
        vm.assertEq(neutral, d.tally[ABSTAIN]);
        uint256 cast = 0;
        for (uint256 i = 0; i < VOTERS; i++) {
            vm.assertTrue(governor.hasVoted(d.id, _voter(i)) == d.cast[i]);
            if (d.cast[i]) cast += d.weights[i];
        }
        vm.assertEq(no + yes + neutral, cast);
    }
}

contract GovernanceInvariantTest is Walk {
    GovernanceBooks private handler;

    function setUp() public {
        handler = new GovernanceBooks();
        _walkOver(address(handler));
        _by(GovernanceHandler.passTime.selector);
        _by(GovernanceHandler.vote.selector);
        _by(GovernanceHandler.propose.selector);
        _by(GovernanceHandler.queueIt.selector);
        _by(GovernanceHandler.executeIt.selector);
        _by(GovernanceHandler.cancelIt.selector);
        _by(GovernanceHandler.guardianTries.selector);
        _by(GovernanceHandler.transfer.selector);
        _by(GovernanceHandler.burn.selector);
        _by(GovernanceHandler.delegate.selector);
        _by(GovernanceHandler.stakeMore.selector);
        _by(GovernanceHandler.thaw.selector);
        _by(GovernanceHandler.withdraw.selector);
        _by(GovernanceHandler.slash.selector);
    }

    /// @dev One function: the fuzzer walks anew for each. Votes are what is delegated, no more than there is, and stay as they were where they
    /// are past; what is decided is what those say who had votes then, each once.
    function invariant_TheBooksBesideTheContractsAgree() public view {
        handler.checkVotes();
        handler.checkPast();
        handler.checkNewestDecision();
    }

    /// @notice All of the past, and every decision that was ever made.
    function afterInvariant() public view {
        handler.checkAll();
    }
}
