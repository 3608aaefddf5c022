// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {GovernanceFixture} from "../support/GovernanceFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice An attacker borrows 80 % of all FLK for a block, or the rest of a second, and gives it back. The test is the lender.
contract BorrowedVotesAttack is GovernanceFixture {
    address private constant EVE = address(0xe4e);
    address private constant MALLORY = address(0x3a1);
    uint256 private constant LOAN = (SUPPLY / 10) * 8;

    uint32 private evesNode;

    function setUp() public override {
        super.setUp();
        evesNode = registerNode(EVE);
        vm.prank(EVE);
        flk.delegate(EVE);
        vm.prank(MALLORY);
        flk.delegate(MALLORY);
        later(1);
    }

    function test_TokensBorrowedForABlockProposeNothing() public {
        flk.transfer(EVE, LOAN);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, EVE, 0, THRESHOLD)
        );
        this.proposeNow(EVE);
        _giveBack();
    }

    function test_StakeBorrowedForABlockProposesNothing() public {
        flk.transfer(EVE, LOAN);
        stake(EVE, evesNode, LOAN);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, EVE, 0, THRESHOLD)
        );
        this.proposeNow(EVE);
    }

    function test_TokensBorrowedForABlockDecideNoVote() public {
        uint256 id = proposeOpen();
        voteBy(ALICE, id, AGAINST);
        flk.transfer(EVE, LOAN);
        vm.assertEq(voteBy(EVE, id, FOR), 0);
        _giveBack();
        later(VOTING_PERIOD);
        vm.assertEq(uint256(governor.state(id)), uint256(IGovernor.ProposalState.Defeated));
    }

    function test_StakeBorrowedForABlockDecidesNoVote() public {
        uint256 id = proposeOpen();
        flk.transfer(EVE, LOAN);
        stake(EVE, evesNode, LOAN);
        vm.assertEq(votes.getVotes(EVE), LOAN);
        vm.assertEq(voteBy(EVE, id, FOR), 0);
    }

    /// @dev The one second that counts, known in advance: what is given back within it counts for nothing.
    function test_TokensBorrowedInTheSecondOfTheSnapshotDecideNoVote() public {
        uint256 id = proposeBy(ALICE);
        later(VOTING_DELAY);
        vm.assertEq(governor.proposalSnapshot(id), block.timestamp);
        flk.transfer(EVE, LOAN);
        vm.assertEq(votes.getVotes(EVE), LOAN);
        _giveBack();
        later(1);
        vm.assertEq(voteBy(EVE, id, FOR), 0);
    }

    /// @dev Stake does not come back within the second, nor within the vote: whoever lends it lends it for the whole thawing.
    function test_StakeBorrowedInTheSecondOfTheSnapshotIsNotGivenBack() public {
        proposeBy(ALICE);
        later(VOTING_DELAY);
        flk.transfer(EVE, LOAN);
        stake(EVE, evesNode, LOAN);
        vm.prank(EVE);
        uint64 request = staking.requestUnstake(evesNode, LOAN);
        vm.assertTrue(THAW > VOTING_PERIOD);
        later(VOTING_PERIOD);
        vm.prank(EVE);
        vm.expectRevert();
        staking.withdraw(evesNode, request, EVE);
    }

    function test_VotesHandedOnAfterTheSnapshotDoNotVoteTwice() public {
        flk.transfer(EVE, LOAN);
        later(1);
        uint256 id = proposeOpen();
        vm.assertEq(voteBy(EVE, id, FOR), LOAN);
        vm.prank(EVE);
        flk.transfer(MALLORY, LOAN);
        later(1);
        vm.assertEq(voteBy(MALLORY, id, FOR), 0);
    }

    /// @dev Tokens that become stake, or stake that is delegated, within a second are counted once at every moment that is over.
    function testFuzz_NothingIsCountedTwice(uint256[4] memory amounts, uint8[4] memory steps) public {
        flk.transfer(EVE, LOAN);
        for (uint256 i = 0; i < steps.length; i++) {
            uint256 free = flk.balanceOf(EVE);
            uint256 amount = bound(amounts[i], 0, free);
            uint8 step = steps[i] % 4;
            if (step == 0 && amount != 0) stake(EVE, evesNode, amount);
            vm.prank(EVE);
            if (step == 1) flk.transfer(MALLORY, amount);
            else if (step == 2) votes.delegate(MALLORY);
            else flk.delegate(steps[i] & 4 == 0 ? EVE : MALLORY);
            later(steps[i] >> 7);
        }
        later(1);
        uint256 counted = 0;
        address[4] memory voters = [ALICE, BOB, EVE, MALLORY];
        for (uint256 i = 0; i < voters.length; i++) counted += votes.getPastVotes(voters[i], block.timestamp - 1);
        vm.assertEq(counted, LOAN + SUPPLY / 5);
        vm.assertLe(counted, votes.getPastTotalSupply(block.timestamp - 1));
    }

    function proposeNow(address proposer) external {
        proposeBy(proposer);
    }

    function _giveBack() private {
        vm.prank(EVE);
        flk.transfer(address(this), LOAN);
    }
}
