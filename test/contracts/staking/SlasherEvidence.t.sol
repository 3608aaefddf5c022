// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStakingErrors} from "../../../contracts/interfaces/INodeStaking.sol";
import {ISlasher, ISlasherErrors as E} from "../../../contracts/interfaces/ISlasher.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {Equivocation} from "../support/Equivocation.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice slashEquivocation with evidence that does not hold. After each attempt the node has all its stake.
contract SlasherEvidenceTest is StakingFixture {
    uint256 private constant STAKE = 100 ether;

    function setUp() public override {
        super.setUp();
        _stake(STAKE);
    }

    // --- form

    function test_TheKindsBesideTheFourAreUnknown() public {
        testFuzz_OnlyTheFourKindsAreKnown(0);
        testFuzz_OnlyTheFourKindsAreKnown(5);
    }

    function testFuzz_OnlyTheFourKindsAreKnown(uint8 kind) public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.kind = kind;
        evidence = Equivocation.resigned(slasher, evidence, secretOf(nodeId), secretOf(nodeId));
        bool known = kind >= 1 && kind <= 4;
        if (!known) vm.expectRevert(abi.encodeWithSelector(E.UnknownKind.selector, kind));
        slasher.slashEquivocation(evidence, REPORTER);
        vm.assertEq(staking.slashable(nodeId), known ? STAKE - STAKE / 10 : STAKE);
    }

    function test_TheSamePayloadTwiceIsNoEquivocation() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.payloadB = evidence.payloadA;
        evidence = Equivocation.resigned(slasher, evidence, secretOf(nodeId), secretOf(nodeId));
        _rejected(evidence, abi.encodeWithSelector(E.SamePayload.selector, evidence.payloadA));
    }

    function testFuzz_EpochsThatNobodySignsYetAreRefused(uint64 epoch) public {
        epoch = uint64(bound(epoch, 2, type(uint64).max));
        ISlasher.Evidence memory evidence = _equivocation(epoch);
        _rejected(evidence, abi.encodeWithSelector(E.EpochTooLate.selector, epoch, 1));
    }

    function test_SignersAscendStrictly() public {
        (uint64 own, uint64 first) = (_keyId(nodeId, 0), _keyId(1, 0));
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.signersA = _two(own, own);
        _rejected(evidence, abi.encodeWithSelector(E.SignersNotAscending.selector, own, own));
        evidence.signersA = _two(own, first);
        _rejected(evidence, abi.encodeWithSelector(E.SignersNotAscending.selector, own, first));
        evidence = _equivocation(0);
        evidence.signersB = _two(own, own);
        _rejected(evidence, abi.encodeWithSelector(E.SignersNotAscending.selector, own, own));
    }

    function test_SomebodyMustHaveSigned() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.signersA = new uint64[](0);
        _rejected(evidence, abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        evidence = _equivocation(0);
        evidence.signersB = new uint64[](0);
        _rejected(evidence, abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        evidence.signersA = new uint64[](0);
        _rejected(evidence, abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
    }

    function test_UnknownKeysAreNamed() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.signersA[0] = evidence.signersB[0] = _keyId(nodeId, 1);
        _rejected(evidence, abi.encodeWithSelector(INodeStakingErrors.UnknownKey.selector, nodeId, 1));
        evidence.signersA[0] = evidence.signersB[0] = _keyId(nodeId + 1, 0);
        _rejected(evidence, abi.encodeWithSelector(INodeStakingErrors.UnknownKey.selector, nodeId + 1, 0));
    }

    // --- signatures

    function test_OneOfTheTwoSignaturesIsNotEnough() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        (bytes32 messageA, bytes32 messageB) = Equivocation.messages(slasher, evidence);
        evidence.signature = BlsSigner.sign(secretOf(nodeId), messageA);
        _rejectedSignature(evidence);
        evidence.signature = BlsSigner.sign(secretOf(nodeId), messageB);
        _rejectedSignature(evidence);
        evidence.signature = BlsSigner.addSignatures(
            BlsSigner.sign(secretOf(nodeId), messageA),
            BlsSigner.sign(secretOf(nodeId), messageA)
        );
        _rejectedSignature(evidence);
    }

    function testFuzz_AnotherSignatureBesideTheHonestOneIsNotEnough(uint256 forger, bytes32 message) public {
        forger = bound(forger, 1, BlsSigner.ORDER - 1);
        ISlasher.Evidence memory evidence = _equivocation(0);
        (bytes32 messageA, bytes32 messageB) = Equivocation.messages(slasher, evidence);
        vm.assume(forger != secretOf(nodeId) || message != messageB);
        evidence.signature = BlsSigner.addSignatures(
            BlsSigner.sign(secretOf(nodeId), messageA),
            BlsSigner.sign(forger, message)
        );
        _rejectedSignature(evidence);
    }

    function test_NobodyIsFramedByAnAggregateThatLacksIt() public {
        // Nodes 1 and 2 signed payload B; who reports names the node beside them.
        uint64[] memory own = new uint64[](1);
        own[0] = _keyId(nodeId, 0);
        uint64[] memory three = new uint64[](3);
        (three[0], three[1], three[2]) = (_keyId(1, 0), _keyId(2, 0), _keyId(nodeId, 0));
        uint256[] memory secretsA = new uint256[](1);
        secretsA[0] = secretOf(nodeId);
        uint256[] memory secretsB = new uint256[](2);
        (secretsB[0], secretsB[1]) = (secretOf(1), secretOf(2));
        _rejectedSignature(Equivocation.aggregated(slasher, 0, own, secretsA, three, secretsB));
    }

    function testFuzz_SignaturesHoldForOneKindEpochSlotAndPayloadOnly(uint8 which, uint256 change) public {
        change = bound(change, 1, type(uint256).max);
        ISlasher.Evidence memory evidence = _equivocation(0);
        which %= 5;
        if (which == 0) evidence.kind = uint8(2 + (change % 3));
        else if (which == 1) evidence.epoch = 1;
        else if (which == 2) evidence.slot ^= change;
        else if (which == 3) evidence.payloadA ^= bytes32(change);
        else evidence.payloadB ^= bytes32(change);
        vm.assume(evidence.payloadA != evidence.payloadB);
        _rejectedSignature(evidence);
    }

    function test_RejectsInfinityAndMalformedSignatures() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.signature = new bytes(256);
        _rejected(evidence, abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        evidence.signature = new bytes(255);
        _rejected(evidence, abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        evidence.signature = "";
        _rejected(evidence, abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        evidence = _equivocation(0);
        evidence.signature = bytes.concat(evidence.signature, hex"00");
        _rejected(evidence, abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        evidence = _equivocation(0);
        evidence.signature[0] = 0x01;
        _rejected(evidence, abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
    }

    function test_RejectsASignatureOutsideTheSubgroup() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.signature = BlsSigner.addSignatures(evidence.signature, BlsSigner.outsideSubgroup());
        _rejected(evidence, abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
    }

    function testFuzz_RejectsAnyFlippedBit(uint16 position) public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        uint256 bit = position % (256 * 8);
        evidence.signature[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        vm.expectRevert();
        slasher.slashEquivocation(evidence, REPORTER);
    }

    function testFuzz_GarbageSlashesNobody(ISlasher.Evidence calldata evidence, address reporter) public {
        vm.expectRevert();
        slasher.slashEquivocation(evidence, reporter);
    }

    function test_BadEvidenceCannotBurnTheGas() public {
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.signature = new bytes(256);
        evidence.signature[255] = 0x01;
        uint256 before = gasleft();
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        slasher.slashEquivocation{gas: 20_000_000}(evidence, REPORTER);
        vm.assertLe(before - gasleft(), 500_000);
    }

    // --- helpers

    function _rejectedSignature(ISlasher.Evidence memory evidence) private {
        _rejected(evidence, abi.encodeWithSelector(E.InvalidSignature.selector));
    }

    function _rejected(ISlasher.Evidence memory evidence, bytes memory reason) private {
        vm.expectRevert(reason);
        slasher.slashEquivocation(evidence, REPORTER);
        vm.assertEq(staking.slashable(nodeId), STAKE);
        vm.assertFalse(slasher.isSlashed(nodeId, evidence.epoch));
    }

    function _two(uint64 a, uint64 b) private pure returns (uint64[] memory made) {
        made = new uint64[](2);
        (made[0], made[1]) = (a, b);
    }
}
