// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {bound, vm} from "../support/Vm.sol";

contract Bls12381Test {
    /// @dev On the curve y^2 = x^3 + 4 with x = 4, outside the subgroup.
    bytes private constant OUTSIDE_SUBGROUP =
        hex"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004"
        hex"000000000000000000000000000000000a989badd40d6212b33cffc3f3763e9bc760f988c9926b26da9dd85e928483446346b8ed00e1de5d5ea93e354abe706c";

    /// @dev External, so that reverts can be expected.
    function verify(bytes calldata key, bytes32 message, bytes calldata signature) external view returns (bool) {
        return Bls12381.verify(key, message, signature);
    }

    function verifyBoth(
        bytes calldata keyA,
        bytes32 messageA,
        bytes calldata keyB,
        bytes32 messageB,
        bytes calldata signature
    ) external view returns (bool) {
        return Bls12381.verifyBoth(keyA, messageA, keyB, messageB, signature);
    }

    function add(bytes calldata a, bytes calldata b) external view returns (bytes memory) {
        return Bls12381.add(a, b);
    }

    function testFuzz_VerifiesWhatTheKeySigned(uint256 secret, bytes32 message) public view {
        secret = bound(secret, 1, BlsSigner.ORDER - 1);
        vm.assertTrue(this.verify(BlsSigner.publicKey(secret), message, BlsSigner.sign(secret, message)));
    }

    function testFuzz_RejectsAnotherKeyOrMessage(uint256 secret, bytes32 message) public view {
        secret = bound(secret, 1, BlsSigner.ORDER - 2);
        bytes memory signature = BlsSigner.sign(secret, message);
        vm.assertFalse(this.verify(BlsSigner.publicKey(secret + 1), message, signature));
        vm.assertFalse(this.verify(BlsSigner.publicKey(secret), ~message, signature));
    }

    function testFuzz_APointMinusItselfIsInfinity(uint256 secret) public view {
        bytes memory key = BlsSigner.publicKey(bound(secret, 1, BlsSigner.ORDER - 1));
        vm.assertTrue(Bls12381.isInfinity(this.add(key, Bls12381.negate(key))));
        vm.assertEq(Bls12381.negate(Bls12381.negate(key)), key);
        vm.assertEq(this.add(key, Bls12381.infinity()), key);
    }

    function test_InfinityStaysWhenNegated() public pure {
        vm.assertTrue(Bls12381.isInfinity(Bls12381.negate(Bls12381.infinity())));
    }

    function test_RejectsInfinityAsKeyAndAsSignature() public {
        bytes memory signature = BlsSigner.sign(5, 0);
        bytes memory key = BlsSigner.publicKey(5);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        this.verify(new bytes(128), 0, signature);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        this.verify(key, 0, new bytes(256));
    }

    function test_RejectsAKeyOutsideTheSubgroup() public {
        bytes memory signature = BlsSigner.sign(5, 0);
        // On the curve, or the sum would be refused too.
        this.add(OUTSIDE_SUBGROUP, BlsSigner.publicKey(5));
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        this.verify(OUTSIDE_SUBGROUP, 0, signature);
    }

    function test_RejectsKeysThatAreNotCanonical() public {
        bytes memory signature = BlsSigner.sign(5, 0);
        bytes memory key = BlsSigner.publicKey(5);
        key[0] = 0x01;
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        this.verify(key, 0, signature);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        this.verify(bytes.concat(key, key), 0, signature);
    }

    function testFuzz_RejectsAnyFlippedBitOfASignature(uint16 position) public view {
        bytes memory signature = BlsSigner.sign(5, 0);
        uint256 bit = position % (256 * 8);
        signature[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        (bool ok, bytes memory result) = address(this).staticcall(
            abi.encodeCall(this.verify, (BlsSigner.publicKey(5), 0, signature))
        );
        vm.assertFalse(ok && abi.decode(result, (bool)));
    }

    // --- verifyBoth

    function testFuzz_VerifiesWhatBothKeysSigned(uint256 a, uint256 b, bytes32 message, bool same) public view {
        a = bound(a, 1, BlsSigner.ORDER - 1);
        b = same ? a : bound(b, 1, BlsSigner.ORDER - 1);
        bytes memory signature = _both(a, message, b, ~message);
        vm.assertTrue(this.verifyBoth(BlsSigner.publicKey(a), message, BlsSigner.publicKey(b), ~message, signature));
    }

    function testFuzz_RejectsWhatOneOfThemDidNotSign(uint256 secret, uint256 other, bytes32 message) public view {
        secret = bound(secret, 1, BlsSigner.ORDER - 1);
        other = bound(other, 1, BlsSigner.ORDER - 1);
        vm.assume(secret != other);
        bytes memory key = BlsSigner.publicKey(secret);
        bytes memory another = BlsSigner.publicKey(other);
        // One key, one message of it by another key.
        vm.assertFalse(this.verifyBoth(key, message, key, ~message, _both(secret, message, other, ~message)));
        vm.assertFalse(this.verifyBoth(key, message, key, ~message, _both(other, message, secret, ~message)));
        // Two keys, with their messages exchanged, one of them twice, one of them not at all.
        vm.assertFalse(this.verifyBoth(key, message, another, ~message, _both(secret, ~message, other, message)));
        vm.assertFalse(this.verifyBoth(key, message, another, ~message, _both(secret, message, other, message)));
        vm.assertFalse(this.verifyBoth(key, message, another, ~message, BlsSigner.sign(secret, message)));
        vm.assertFalse(this.verifyBoth(key, message, another, ~message, BlsSigner.sign(other, ~message)));
    }

    function testFuzz_ForgedPartsThatCancelAreTheSumThatBothMade(uint256 secret, uint256 shift) public view {
        // Parts by the wrong secrets cancel only into the sum itself, which takes both real signatures: the sum is all there is to see.
        secret = bound(secret, 2, BlsSigner.ORDER - 2);
        shift = bound(shift, 1, BlsSigner.ORDER - 1);
        bytes memory key = BlsSigner.publicKey(secret);
        bytes memory offset = BlsSigner.sign(shift, bytes32(uint256(3)));
        bytes memory opposite = BlsSigner.sign(BlsSigner.ORDER - shift, bytes32(uint256(3)));
        bytes memory forgedA = BlsSigner.addSignatures(BlsSigner.sign(secret, bytes32(uint256(1))), offset);
        bytes memory forgedB = BlsSigner.addSignatures(BlsSigner.sign(secret, bytes32(uint256(2))), opposite);
        vm.assertFalse(this.verify(key, bytes32(uint256(1)), forgedA));
        vm.assertFalse(this.verify(key, bytes32(uint256(2)), forgedB));
        bytes memory sum = BlsSigner.addSignatures(forgedA, forgedB);
        vm.assertEq(sum, _both(secret, bytes32(uint256(1)), secret, bytes32(uint256(2))));
        // Without one of the real signatures there is nothing that the parts could cancel into.
        bytes memory lone = BlsSigner.addSignatures(forgedA, opposite);
        vm.assertFalse(this.verifyBoth(key, bytes32(uint256(1)), key, bytes32(uint256(2)), lone));
        lone = BlsSigner.addSignatures(forgedA, BlsSigner.sign(secret, bytes32(uint256(1))));
        vm.assertFalse(this.verifyBoth(key, bytes32(uint256(1)), key, bytes32(uint256(2)), lone));
    }

    function test_BothRejectsInfinityEverywhere() public {
        bytes memory key = BlsSigner.publicKey(5);
        bytes memory other = BlsSigner.publicKey(6);
        bytes memory signature = BlsSigner.sign(5, 0);
        bytes memory infinity = abi.encodeWithSelector(Bls12381.PointAtInfinity.selector);
        vm.expectRevert(infinity);
        this.verifyBoth(new bytes(128), 0, other, bytes32(uint256(1)), signature);
        vm.expectRevert(infinity);
        this.verifyBoth(key, 0, new bytes(128), bytes32(uint256(1)), signature);
        vm.expectRevert(infinity);
        this.verifyBoth(new bytes(128), 0, new bytes(128), bytes32(uint256(1)), signature);
        vm.expectRevert(infinity);
        this.verifyBoth(key, 0, key, bytes32(uint256(1)), new bytes(256));
    }

    function test_BothRejectsPointsOutsideTheSubgroupAndOfWrongLength() public {
        bytes memory key = BlsSigner.publicKey(5);
        bytes memory signature = _both(5, 0, 5, bytes32(uint256(1)));
        bytes memory invalid = abi.encodeWithSelector(Bls12381.InvalidPoint.selector);
        vm.expectRevert(invalid);
        this.verifyBoth(OUTSIDE_SUBGROUP, 0, key, bytes32(uint256(1)), signature);
        vm.expectRevert(invalid);
        this.verifyBoth(key, 0, OUTSIDE_SUBGROUP, bytes32(uint256(1)), signature);
        vm.expectRevert(invalid);
        this.verifyBoth(key, 0, bytes.concat(key, hex"00"), bytes32(uint256(1)), signature);
        vm.expectRevert(invalid);
        this.verifyBoth(bytes.concat(key, hex"00"), 0, key, bytes32(uint256(1)), signature);
        bytes memory outside = BlsSigner.addSignatures(signature, BlsSigner.outsideSubgroup());
        vm.expectRevert(invalid);
        this.verifyBoth(key, 0, key, bytes32(uint256(1)), outside);
        vm.expectRevert(invalid);
        this.verify(key, 0, outside);
    }

    function test_HashesToTheCurveAsTheRfcSays() public view {
        // The sum of the map of both field elements, by the expansion written out with the plain functions of Solidity.
        bytes32 message = keccak256("message");
        bytes memory dst = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_\x2b";
        bytes32 first = sha256(bytes.concat(bytes32(0), bytes32(0), message, hex"010000", dst));
        bytes32 previous = 0;
        bytes memory uniform;
        for (uint8 i = 1; i <= 8; i++) {
            previous = sha256(bytes.concat(first ^ previous, bytes1(i), dst));
            uniform = bytes.concat(uniform, previous);
        }
        vm.assertEq(this.hashToG2(message), BlsSigner.mapToG2(uniform));
    }

    function hashToG2(bytes32 message) external view returns (bytes memory) {
        return Bls12381.hashToG2(message);
    }

    function _both(uint256 a, bytes32 messageA, uint256 b, bytes32 messageB) private view returns (bytes memory) {
        return BlsSigner.addSignatures(BlsSigner.sign(a, messageA), BlsSigner.sign(b, messageB));
    }
}
