// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";

/// @notice BLS keys and signatures by the multiplication precompiles, so that Solidity tests sign for real.
library BlsSigner {
    error PrecompileFailed(address precompile);

    address private constant G1_MSM = address(0x0c);
    address private constant G2_ADD = address(0x0d);
    address private constant G2_MSM = address(0x0e);
    uint256 internal constant ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001;

    bytes private constant GENERATOR =
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
        hex"0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";

    function publicKey(uint256 secret) internal view returns (bytes memory) {
        return _call(G1_MSM, bytes.concat(GENERATOR, bytes32(secret)));
    }

    function sign(uint256 secret, bytes32 message) internal view returns (bytes memory) {
        return _call(G2_MSM, bytes.concat(Bls12381.hashToG2(message), bytes32(secret)));
    }

    function addSignatures(bytes memory a, bytes memory b) internal view returns (bytes memory) {
        return _call(G2_ADD, bytes.concat(a, b));
    }

    function _call(address precompile, bytes memory input) private view returns (bytes memory) {
        (bool ok, bytes memory output) = precompile.staticcall(input);
        if (!ok) revert PrecompileFailed(precompile);
        return output;
    }
}
