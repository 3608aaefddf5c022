// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {GovernanceFixture} from "../support/GovernanceFixture.sol";
import {bound, vm} from "../support/Vm.sol";

contract FlkGovernorTest is GovernanceFixture {
    uint256 private constant TENTH = SUPPLY / 10;

    function test_SettingsAreThoseOfTheDeployment() public view {
        vm.assertEq(governor.name(), "FLK governor");
        vm.assertEq(governor.votingDelay(), VOTING_DELAY);
        vm.assertEq(governor.votingPeriod(), VOTING_PERIOD);
        vm.assertEq(governor.proposalThreshold(), THRESHOLD);
        vm.assertEq(governor.quorumNumerator(), 4);
        vm.assertEq(governor.lateQuorumVoteExtension(), EXTENSION);
        vm.assertEq(governor.timelock(), address(timelock));
        vm.assertEq(address(governor.token()), address(votes));
        vm.assertEq(governor.CLOCK_MODE(), "mode=timestamp");
        vm.assertEq(timelock.getMinDelay(), TIMELOCK_DELAY);
    }

    function test_AProposalPassesThroughTheTimelock() public {
        uint256 id = proposeOpen();
        vm.assertTrue(governor.proposalNeedsQueuing(id));
        vm.assertEq(voteBy(ALICE, id, FOR), TENTH);
        vm.assertEq(voteBy(BOB, id, FOR), TENTH);
        later(VOTING_PERIOD);
        _state(id, IGovernor.ProposalState.Succeeded);
        queue();
        _state(id, IGovernor.ProposalState.Queued);
        later(TIMELOCK_DELAY);
        execute();
        _state(id, IGovernor.ProposalState.Executed);
        (uint256 value, ) = parameters.scheduled("kappaBps");
        vm.assertEq(value, 1);
    }

    function test_NothingHappensBeforeTheTimelockLetsIt() public {
        uint256 id = proposeOpen();
        voteBy(ALICE, id, FOR);
        later(VOTING_PERIOD);
        queue();
        later(TIMELOCK_DELAY - 1);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        this.executeNow();
    }

    function test_NothingIsExecutedThatWasNotQueued() public {
        uint256 id = proposeOpen();
        voteBy(ALICE, id, FOR);
        later(VOTING_PERIOD);
        vm.expectRevert();
        this.executeNow();
        _state(id, IGovernor.ProposalState.Succeeded);
    }

    function testFuzz_NobodyButTheTimelockGoverns(address caller) public {
        vm.assume(caller != address(timelock));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        parameters.setKappa(1);
    }

    function testFuzz_AProposerNeedsTheThreshold(uint256 amount) public {
        amount = bound(amount, 0, 2 * THRESHOLD);
        address proposer = address(0x9409);
        flk.transfer(proposer, amount);
        vm.prank(proposer);
        flk.delegate(proposer);
        later(1);
        if (amount < THRESHOLD) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGovernor.GovernorInsufficientProposerVotes.selector,
                    proposer,
                    amount,
                    THRESHOLD
                )
            );
        }
        this.proposeNow(proposer);
    }

    function test_StakeAloneProposes() public {
        _state(proposeBy(BOB), IGovernor.ProposalState.Pending);
    }

    /// @dev A tenth of the supply was burned, and nobody recorded it: the quorum is a share of what is left.
    function test_ProposingRecordsTheSupplyThatTheQuorumIsAShareOf() public {
        flk.burn(TENTH);
        uint256 id = proposeOpen();
        vm.assertEq(governor.quorum(governor.proposalSnapshot(id)), (9 * TENTH * 4) / 100);
    }

    function testFuzz_PassesWithAQuorumAndMoreForThanAgainst(uint256 yes, uint256 no, uint256 neutral) public {
        yes = bound(yes, 0, 8 * TENTH);
        no = bound(no, 0, 8 * TENTH - yes);
        neutral = bound(neutral, 0, 8 * TENTH - yes - no);
        (address a, address b, address c) = (address(0xa), address(0xb), address(0xc));
        _endow(a, yes);
        _endow(b, no);
        _endow(c, neutral);
        later(1);
        uint256 id = proposeOpen();
        voteBy(a, id, FOR);
        voteBy(b, id, AGAINST);
        voteBy(c, id, ABSTAIN);
        later(VOTING_PERIOD + EXTENSION);
        bool passes = yes + neutral >= (SUPPLY * 4) / 100 && yes > no;
        _state(id, passes ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Defeated);
        if (!passes) {
            vm.expectRevert();
            this.queueNow();
        }
    }

    function test_AQuorumReachedLateKeepsVotingOpen() public {
        uint256 id = proposeOpen();
        uint256 deadline = governor.proposalDeadline(id);
        later(VOTING_PERIOD - 10);
        voteBy(ALICE, id, FOR);
        vm.assertEq(governor.proposalDeadline(id), block.timestamp + EXTENSION);
        vm.assertTrue(governor.proposalDeadline(id) > deadline);
        later(EXTENSION - 1);
        voteBy(BOB, id, AGAINST);
        later(2);
        _state(id, IGovernor.ProposalState.Defeated);
    }

    function test_TheProposerCancelsBeforeVotingStarts() public {
        uint256 id = proposeBy(ALICE);
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, string memory text) = proposal();
        vm.prank(ALICE);
        governor.cancel(targets, values, calls, keccak256(bytes(text)));
        _state(id, IGovernor.ProposalState.Canceled);
    }

    function testFuzz_SettingsChangeByProposalsOnly(address caller, uint48 value) public {
        vm.assume(caller != address(timelock));
        bytes memory refused = abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, caller);
        vm.prank(caller);
        vm.expectRevert(refused);
        governor.setVotingDelay(value);
        vm.prank(caller);
        vm.expectRevert(refused);
        governor.setLateQuorumVoteExtension(value);
        vm.prank(caller);
        vm.expectRevert(refused);
        governor.updateQuorumNumerator(value);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, caller));
        timelock.updateDelay(value);
    }

    function executeNow() external {
        execute();
    }

    function queueNow() external {
        queue();
    }

    function proposeNow(address proposer) external {
        proposeBy(proposer);
    }

    function _endow(address account, uint256 amount) private {
        flk.transfer(account, amount);
        vm.prank(account);
        flk.delegate(account);
    }

    function _state(uint256 id, IGovernor.ProposalState expected) private view {
        vm.assertEq(uint256(governor.state(id)), uint256(expected));
    }
}
