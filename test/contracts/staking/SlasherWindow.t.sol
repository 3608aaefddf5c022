// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStakingErrors} from "../../../contracts/interfaces/INodeStaking.sol";
import {ISlasher, ISlasherErrors as E} from "../../../contracts/interfaces/ISlasher.sol";
import {Equivocation} from "../support/Equivocation.sol";
import {RestartFixture} from "../support/RestartFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Which epochs evidence counts for, and which keys in them. Epochs of a day, evidence for 7 days: 7 epochs.
contract SlasherWindowTest is RestartFixture {
    uint64 private constant MAX_AGE = 7;
    uint256 private constant SECOND = 222;

    function setUp() public override {
        super.setUp();
        _stake(1_000 ether);
    }

    // --- the window

    function testFuzz_EvidenceCountsForTheWindowOnly(uint8 settled, uint64 epoch) public {
        settled = uint8(bound(settled, 0, 12));
        for (uint256 i = 0; i < settled; i++) _nextEpoch();
        epoch = uint64(bound(epoch, 0, settled + 1));
        ISlasher.Evidence memory evidence = _equivocation(epoch);
        if (epoch + MAX_AGE < settled) {
            vm.expectRevert(abi.encodeWithSelector(E.EpochTooOld.selector, epoch, settled - epoch, MAX_AGE));
        }
        slasher.slashEquivocation(evidence, REPORTER);
    }

    function test_TheWindowIsRoundedUpToWholeEpochs() public {
        parameters.setEvidenceWindow(7 days + 1);
        _nextEpoch();
        vm.assertEq(parameters.evidenceEpochs(), MAX_AGE + 1);
    }

    function test_LongerEpochsDoNotShortenTheWindow() public {
        parameters.setEpochLength(2 days * 1000);
        vm.assertEq(parameters.evidenceEpochs(), MAX_AGE);
        _nextEpoch();
        vm.assertEq(parameters.evidenceEpochs(), MAX_AGE);
    }

    function test_ShorterEpochsMakeItMoreOfThem() public {
        parameters.setEpochLength(1 days * 100);
        vm.assertEq(parameters.evidenceEpochs(), 10 * MAX_AGE);
    }

    function test_TheShortestWindowTakesInTheEpochBeforeAndNoMore() public {
        parameters.setEvidenceWindow(1);
        for (uint256 i = 0; i < 3; i++) _nextEpoch();
        _slash(nodeId, 0, secretOf(nodeId), 2);
        ISlasher.Evidence memory evidence = _equivocation(1);
        vm.expectRevert(abi.encodeWithSelector(E.EpochTooOld.selector, 1, 2, 1));
        slasher.slashEquivocation(evidence, REPORTER);
    }

    /// @dev The exposure that trust.md states: the share of every epoch in the window, and of the two that may run.
    function test_AStolenKeyTakesTheShareOfEachEpochInTheWindowAndNoMore() public {
        for (uint256 i = 0; i < 20; i++) _nextEpoch();
        uint256 left = 1_000 ether;
        for (uint64 epoch = 20 - MAX_AGE; epoch <= 21; epoch++) {
            left -= slasher.slashEquivocation(_equivocation(epoch), STRANGER);
        }
        vm.assertEq(staking.slashable(nodeId), left);
        vm.assertGe(left, (1_000 ether * 38) / 100);
        for (uint64 epoch = 0; epoch < 20 - MAX_AGE; epoch++) _rejectsAge(epoch, 20 - epoch);
    }

    // --- keys

    function test_AFreshKeySignsForNothingBeforeItsRegistration() public {
        for (uint256 i = 0; i < 3; i++) _nextEpoch();
        uint32 fresh = registerNode(owner);
        vm.prank(owner);
        staking.stake(fresh, 100 ether);
        for (uint64 epoch = 0; epoch < 3; epoch++) _rejectsKey(fresh, 0, secretOf(fresh), epoch);
        _slash(fresh, 0, secretOf(fresh), 3);
        _slash(fresh, 0, secretOf(fresh), 4);
        vm.expectRevert(abi.encodeWithSelector(INodeStakingErrors.NoKeyYet.selector, fresh, 3));
        staking.keyVersionAt(fresh, 2);
        vm.assertEq(staking.keyVersionAt(fresh, 3), 0);
    }

    function test_ARotatedKeySignsForNothingBeforeItsRotation() public {
        for (uint256 i = 0; i < 3; i++) _nextEpoch();
        _rotate(SECOND);
        for (uint64 epoch = 0; epoch <= 3; epoch++) _rejectsKey(nodeId, 1, SECOND, epoch);
        _slash(nodeId, 1, SECOND, 4);
    }

    /// @dev Replaced while the settlement waits for 3: the committee of 4 may be drawn, and that of 5 when the chain is one ahead.
    function test_AReplacedKeySignsForTheCommitteesThatMayStillNameIt() public {
        for (uint256 i = 0; i < 3; i++) _nextEpoch();
        _rotate(SECOND);
        for (uint256 i = 0; i < 4; i++) _nextEpoch();
        for (uint64 epoch = 2; epoch <= 5; epoch++) _slash(nodeId, 0, secretOf(nodeId), epoch);
        for (uint64 epoch = 6; epoch <= 8; epoch++) _rejectsKey(nodeId, 0, secretOf(nodeId), epoch);
        for (uint64 epoch = 6; epoch <= 8; epoch++) _slash(nodeId, 1, SECOND, epoch);
    }

    function test_TheOthersOfAnAggregateAnswerForThemselves() public {
        _fund(address(0x1000));
        vm.prank(address(0x1000));
        staking.stake(1, 100 ether);
        _rotate(SECOND);
        uint64[] memory signers = new uint64[](2);
        (signers[0], signers[1]) = (_keyId(1, 0), _keyId(nodeId, 1));
        uint256[] memory secrets = new uint256[](2);
        (secrets[0], secrets[1]) = (secretOf(1), SECOND);
        ISlasher.Evidence memory both = Equivocation.aggregated(slasher, 0, signers, secrets, signers, secrets);
        vm.assertEq(slasher.slashEquivocation(both, REPORTER), 10 ether);
        vm.assertEq(staking.slashable(nodeId), 1_000 ether);
        vm.assertFalse(slasher.isSlashed(nodeId, 0));
    }

    // --- restarts

    function test_ARestartNeitherEndsTheWindowNorOpensWhatItSkips() public {
        for (uint256 i = 0; i < 10; i++) _nextEpoch();
        _restartIn(600);
        // It goes on from epoch 10: 9 was the last active one, 10 was posted and voided, 11 and 12 may have run.
        for (uint64 epoch = 3; epoch <= 12; epoch++) _slash(nodeId, 0, secretOf(nodeId), epoch);
        _rejectsAge(2, 8);
        _rejectsLate(13, 12);
        _rejectsLate(599, 12);
        _slash(nodeId, 0, secretOf(nodeId), 600);
        _slash(nodeId, 0, secretOf(nodeId), 601);
        _rejectsLate(602, 601);
    }

    function test_WhatARestartSkippedStaysSkippedAfterTheNext() public {
        _nextEpoch();
        _restartIn(600);
        _nextEpoch();
        _restartIn(900);
        for (uint64 epoch = 0; epoch <= 3; epoch++) _slash(nodeId, 0, secretOf(nodeId), epoch);
        _rejectsLate(4, 3);
        _rejectsLate(599, 3);
        for (uint64 epoch = 600; epoch <= 603; epoch++) _slash(nodeId, 0, secretOf(nodeId), epoch);
        _rejectsLate(604, 603);
        _rejectsLate(899, 603);
    }

    function test_AKeyThatWasReplacedBeforeARestartSignsForTheCommitteeThatItSeats() public {
        _nextEpoch();
        _rotate(SECOND);
        _restartIn(600);
        for (uint256 i = 0; i < 3; i++) _nextEpoch();
        // And for the one after it, should the chain have seen the rotation late.
        _slash(nodeId, 0, secretOf(nodeId), 600);
        _slash(nodeId, 0, secretOf(nodeId), 601);
        _rejectsKey(nodeId, 0, secretOf(nodeId), 602);
        _slash(nodeId, 1, SECOND, 602);
    }

    function testFuzz_EpochsAreCountedAlongTheChain(uint8 steps, uint8 gaps) public {
        _countsEpochs(steps, gaps);
    }

    function test_EpochsAreCountedOverRestartsWithEpochsInBetween() public {
        _countsEpochs(0x55, 3);
    }

    // --- helpers

    /// @dev Against the plain list of the epochs that the chain went through: `steps` are epochs that become active, and restarts.
    function _countsEpochs(uint8 steps, uint8 gaps) private {
        uint64[10] memory line;
        uint256 count = 0;
        for (uint256 i = 0; i < 8; i++) {
            if ((steps >> i) & 1 == 1) {
                line[count++] = settlement.nextEpoch();
                _nextEpoch();
            } else {
                _restartIn(settlement.nextEpoch() + 3 + (gaps % 5) * uint64(i + 1));
            }
        }
        line[count++] = settlement.nextEpoch();
        for (uint256 i = 0; i < count; i++) {
            for (uint256 j = i; j < count; j++) vm.assertEq(settlement.epochsBetween(line[i], line[j]), j - i);
            (uint256 age, uint64 latest) = settlement.ageOf(line[i]);
            vm.assertEq(age, count - 1 - i);
            vm.assertGe(latest, line[i]);
            vm.assertEq(settlement.epochsBetween(line[count - 1], line[i]), 0);
        }
    }

    function _slash(uint32 id, uint32 version, uint256 secret, uint64 epoch) private {
        slasher.slashEquivocation(Equivocation.single(slasher, epoch, _keyId(id, version), secret), REPORTER);
        vm.assertTrue(slasher.isSlashed(id, epoch));
    }

    function _rejectsKey(uint32 id, uint32 version, uint256 secret, uint64 epoch) private {
        ISlasher.Evidence memory evidence = Equivocation.single(slasher, epoch, _keyId(id, version), secret);
        vm.expectRevert(abi.encodeWithSelector(E.KeyNotInForce.selector, id, version, epoch));
        slasher.slashEquivocation(evidence, REPORTER);
    }

    function _rejectsAge(uint64 epoch, uint256 age) private {
        ISlasher.Evidence memory evidence = _equivocation(epoch);
        vm.expectRevert(abi.encodeWithSelector(E.EpochTooOld.selector, epoch, age, MAX_AGE));
        slasher.slashEquivocation(evidence, REPORTER);
    }

    function _rejectsLate(uint64 epoch, uint64 latest) private {
        ISlasher.Evidence memory evidence = _equivocation(epoch);
        vm.expectRevert(abi.encodeWithSelector(E.EpochTooLate.selector, epoch, latest));
        slasher.slashEquivocation(evidence, REPORTER);
    }
}
