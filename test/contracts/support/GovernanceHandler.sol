// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {GovernanceLedger} from "./GovernanceLedger.sol";
import {bound, vm} from "./Vm.sol";

/// @notice Holders move, burn, stake and delegate what they have, propose, vote, queue, execute and cancel, each also where they may not; the
/// guardian tries to. Whether it succeeds is what the books say.
abstract contract GovernanceHandler is GovernanceLedger {
    constructor() {
        _setUpLedger();
    }

    // --- what votes

    function transfer(uint8 from, uint8 to, uint256 amount) external {
        (from, to) = (from % 4, to % 4);
        amount = bound(amount, 0, tokens[from]);
        vm.prank(_voter(from));
        flk.transfer(_voter(to), amount);
        tokens[from] -= amount;
        tokens[to] += amount;
    }

    function burn(uint8 who, uint256 amount, bool recordsIt) external {
        who %= 4;
        amount = bound(amount, 0, tokens[who] / 100);
        vm.prank(_voter(who));
        flk.burn(amount);
        tokens[who] -= amount;
        supply -= amount;
        if (!recordsIt) return;
        flk.recordSupply();
        recorded = supply;
    }

    function delegate(uint8 who, uint8 to, bool staked) external {
        (who, to) = (who % 4, to % 5);
        vm.prank(_voter(who));
        if (staked) votes.delegate(_voter(to));
        else flk.delegate(_voter(to));
        // Stake votes for its owner where it votes for nobody else.
        if (staked) unitsFor[who] = to == NOBODY ? who : to;
        else tokensFor[who] = to;
    }

    function stakeMore(uint8 node, uint256 amount) external {
        uint32 id = _node(node);
        amount = bound(amount, 0, tokens[id]);
        if (amount == 0) return;
        stake(_voter(id), id, amount);
        tokens[id] -= amount;
        units[id] += amount;
    }

    function thaw(uint8 node, uint256 amount) external {
        uint32 id = _node(node);
        amount = bound(amount, 0, staking.node(id).staked);
        if (amount == 0 || staking.thawingRequests(id).length == 32) return;
        vm.prank(_voter(id));
        staking.requestUnstake(id, amount);
    }

    function withdraw(uint8 node, uint8 to) external {
        uint32 id = _node(node);
        INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(id);
        uint256 matured = 0;
        for (uint256 i = 0; i < requests.length; i++) if (requests[i].maturesAt <= time) matured += requests[i].amount;
        if (matured == 0) return;
        vm.prank(_voter(id));
        vm.assertEq(staking.withdrawMatured(id, _voter(to % 4)), matured);
        units[id] -= matured;
        tokens[to % 4] += matured;
    }

    function slash(uint8 node, uint256 amount, uint8 to, uint256 reward) external {
        uint32 id = _node(node);
        amount = bound(amount, 0, units[id] / 10);
        reward = bound(reward, 0, amount / 2);
        vm.prank(address(slasher));
        vm.assertEq(staking.slash(id, amount, _voter(to % 4), reward), amount);
        units[id] -= amount;
        tokens[to % 4] += reward;
        supply -= amount - reward;
    }

    // --- what is decided

    function propose(uint8 who) external {
        chosen = decisions.length;
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, string memory text) = proposal();
        bytes memory call = abi.encodeCall(governor.propose, (targets, values, calls, text));
        bool may = pasts[pasts.length - 1].votes[who % 4] >= THRESHOLD;
        bytes memory returned = _tries(_voter(who % 4), address(governor), call, may);
        if (!may) return;
        recorded = supply;
        Decision storage d = decisions.push();
        (d.id, d.proposer) = (abi.decode(returned, (uint256)), who % 4);
        (d.snapshot, d.deadline) = (time + VOTING_DELAY, time + VOTING_DELAY + VOTING_PERIOD);
    }

    function vote(uint8 who, uint8 which, uint8 support) external {
        if (decisions.length == 0) return;
        Decision storage d = _choose(which);
        (who, support) = (who % 4, support < 128 ? FOR : support % 3);
        bool may = _stateOf(d) == IGovernor.ProposalState.Active && !d.cast[who];
        bytes memory call = abi.encodeCall(governor.castVote, (d.id, support));
        bytes memory returned = _tries(_voter(who), address(governor), call, may);
        if (!may) return;
        vm.assertEq(abi.decode(returned, (uint256)), d.weights[who]);
        bool before = _quorate(d);
        d.cast[who] = true;
        d.tally[support] += d.weights[who];
        if (!before && _quorate(d) && time + EXTENSION > d.deadline) d.deadline = time + EXTENSION;
    }

    function queueIt(uint8 who, uint8 which, bool waits) external {
        if (decisions.length == 0) return;
        Decision storage d = _choose(which);
        if (waits && time <= d.deadline) _pass(d.deadline + 1 - time);
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, bytes32 hash) = _content();
        bool may = _stateOf(d) == IGovernor.ProposalState.Succeeded;
        _tries(_anyone(who), address(governor), abi.encodeCall(governor.queue, (targets, values, calls, hash)), may);
        if (may) d.dueAt = time + TIMELOCK_DELAY;
    }

    /// @dev To the second when it `waits`, or in the second before.
    function executeIt(uint8 who, uint8 which, bool directly, bool waits, bool early) external {
        if (decisions.length == 0) return;
        Decision storage d = _choose(which);
        uint256 from = early && d.dueAt != 0 ? d.dueAt - 1 : d.dueAt;
        if (waits && time < from) _pass(from - time);
        bool may = _stateOf(d) == IGovernor.ProposalState.Queued && time >= d.dueAt;
        _tries(_anyone(who), directly ? address(timelock) : address(governor), _execution(directly), may);
        if (!may) return;
        d.executed = true;
        // It passed through all of it: the delay, the vote, the timelock.
        vm.assertGe(time, d.snapshot + VOTING_PERIOD + TIMELOCK_DELAY);
        vm.assertGe(d.tally[FOR] + d.tally[ABSTAIN], d.quorum);
        (uint256 value, ) = parameters.scheduled("kappaBps");
        vm.assertEq(value, chosen + 1);
    }

    function cancelIt(uint8 who, uint8 which) external {
        if (decisions.length == 0) return;
        Decision storage d = _choose(which);
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, bytes32 hash) = _content();
        bool may = _stateOf(d) == IGovernor.ProposalState.Pending && who % 4 == d.proposer;
        _tries(
            _voter(who % 4),
            address(governor),
            abi.encodeCall(governor.cancel, (targets, values, calls, hash)),
            may
        );
        if (may) d.canceled = true;
    }

    /// @notice What is due anyone executes; but the guardian neither hastens nor stops anything.
    function guardianTries(uint8 which) external {
        _tries(GUARDIAN, address(parameters), abi.encodeCall(parameters.setKappa, (1)), false);
        if (decisions.length == 0) return;
        Decision storage d = _choose(which);
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, bytes32 hash) = _content();
        _tries(GUARDIAN, address(governor), abi.encodeCall(governor.cancel, (targets, values, calls, hash)), false);
        bytes32 operation = timelock.hashOperationBatch(targets, values, calls, 0, _salt(hash));
        _tries(GUARDIAN, address(timelock), abi.encodeCall(timelock.cancel, (operation)), false);
        bytes memory schedule = abi.encodeCall(timelock.scheduleBatch, (targets, values, calls, 0, 0, TIMELOCK_DELAY));
        _tries(GUARDIAN, address(timelock), schedule, false);
        if (d.dueAt != 0 && time >= d.dueAt) return;
        _tries(GUARDIAN, address(governor), _execution(false), false);
        _tries(GUARDIAN, address(timelock), _execution(true), false);
    }

    // --- time

    /// @dev Mostly to the next moment that counts for a proposal.
    function passTime(uint32 seconds_, uint8 kind) external {
        if (kind % 8 == 0) return _pass(bound(seconds_, 1, THAW));
        if (kind % 8 == 1 || decisions.length == 0) return _pass(bound(seconds_, 1, 2 days));
        Decision storage d = _choose(uint8(seconds_));
        uint256[6] memory edges = [d.snapshot, d.snapshot + 1, d.deadline, d.deadline + 1, d.dueAt, d.dueAt + 1];
        for (uint256 i = 0; i < 6; i++) if (edges[i] > time) return _pass(edges[i] - time);
        _pass(1);
    }

    // --- helpers

    /// @dev Calls that must succeed, or must not, as `may` says.
    function _tries(address by, address target, bytes memory call, bool may) private returns (bytes memory returned) {
        bool ok;
        vm.prank(by);
        (ok, returned) = target.call(call);
        vm.assertTrue(ok == may);
    }

    /// @dev Of the newest three.
    function _choose(uint8 which) private returns (Decision storage) {
        uint256 count = decisions.length;
        chosen = count - 1 - (which % (count < 3 ? count : 3));
        return decisions[chosen];
    }

    function proposal()
        internal
        view
        override
        returns (address[] memory targets, uint256[] memory values, bytes[] memory calls, string memory text)
    {
        (targets, values, calls, text) = super.proposal();
        calls[0] = abi.encodeCall(parameters.setKappa, (uint16(chosen + 1)));
    }

    function _content()
        private
        view
        returns (address[] memory targets, uint256[] memory values, bytes[] memory calls, bytes32 hash)
    {
        string memory text;
        (targets, values, calls, text) = proposal();
        hash = keccak256(bytes(text));
    }

    function _execution(bool directly) private view returns (bytes memory) {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, bytes32 hash) = _content();
        if (!directly) return abi.encodeCall(governor.execute, (targets, values, calls, hash));
        return abi.encodeCall(TimelockController.executeBatch, (targets, values, calls, 0, _salt(hash)));
    }

    /// @dev What the governor schedules by.
    function _salt(bytes32 hash) private view returns (bytes32) {
        return bytes20(address(governor)) ^ hash;
    }

    function _anyone(uint8 who) private pure returns (address) {
        return who % 5 == 4 ? GUARDIAN : _voter(who % 5);
    }

    /// @dev Of BOB and of the voter behind him: nodes are numbered as their owners are.
    function _node(uint8 node) private pure returns (uint32) {
        return 1 + (node % 2);
    }
}
