// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";

/// @notice BLS keys and signatures by the multiplication precompiles, so that Solidity tests sign for real.
library BlsSigner {
    error PrecompileFailed(address precompile);

    address private constant MODEXP = address(0x05);
    address private constant MAP_FP2_TO_G2 = address(0x11);
    address private constant G1_MSM = address(0x0c);
    address private constant G2_ADD = address(0x0d);
    address private constant G2_MSM = address(0x0e);
    uint256 internal constant ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    bytes private constant MODULUS =
        hex"000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    bytes private constant GENERATOR =
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
        hex"0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";

    /// @dev On the curve with x = 2, outside the subgroup.
    bytes private constant G2_OUTSIDE_SUBGROUP =
        hex"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000002"
        hex"00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        hex"0000000000000000000000000000000018c6b864ae17dc9da64203ffefb966306425a7bc6aeb7c75247438372716284a4173830420cd476ba1a365b95bfcec38"
        hex"00000000000000000000000000000000172e93db764a8400a7d5071b6b6f5de0da2f0f4a063119abca014006b7c40a2cfe291a1924e65db0d6d0fcfbf3bf3d5c";

    /// @notice A point that can be added and is no signature.
    function outsideSubgroup() internal pure returns (bytes memory) {
        return G2_OUTSIDE_SUBGROUP;
    }

    function publicKey(uint256 secret) internal view returns (bytes memory) {
        return _call(G1_MSM, bytes.concat(GENERATOR, bytes32(secret)));
    }

    function sign(uint256 secret, bytes32 message) internal view returns (bytes memory) {
        return _call(G2_MSM, bytes.concat(Bls12381.hashToG2(message), bytes32(secret)));
    }

    function addSignatures(bytes memory a, bytes memory b) internal view returns (bytes memory) {
        return _call(G2_ADD, bytes.concat(a, b));
    }

    /// @notice What RFC 9380 makes of the 256 bytes that a message expands to.
    function mapToG2(bytes memory uniform) internal view returns (bytes memory) {
        bytes memory reduced;
        for (uint256 i = 0; i < 4; i++) {
            bytes memory coordinate = new bytes(64);
            for (uint256 j = 0; j < 64; j++) coordinate[j] = uniform[64 * i + j];
            bytes memory input = bytes.concat(abi.encode(64, 1, 64), coordinate, hex"01", MODULUS);
            reduced = bytes.concat(reduced, _call(MODEXP, input));
        }
        (bytes memory first, bytes memory second) = (new bytes(128), new bytes(128));
        for (uint256 j = 0; j < 128; j++) (first[j], second[j]) = (reduced[j], reduced[128 + j]);
        return addSignatures(_call(MAP_FP2_TO_G2, first), _call(MAP_FP2_TO_G2, second));
    }

    function _call(address precompile, bytes memory input) private view returns (bytes memory) {
        (bool ok, bytes memory output) = precompile.staticcall(input);
        if (!ok) revert PrecompileFailed(precompile);
        return output;
    }
}
