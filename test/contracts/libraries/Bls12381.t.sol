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
}
