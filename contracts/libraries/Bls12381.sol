// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title BLS12-381 signatures by the EIP-2537 precompiles
/// @notice Keys in G1 (128 bytes), signatures in G2 (256 bytes), both as EIP-2537 encodes them; messages are hashed to G2 as
/// RFC 9380 says, with the proof-of-possession ciphersuite of the IETF BLS draft. Encodings are canonical: the precompiles
/// refuse field elements >= p and padding that is not zero.
/// @dev G1ADD checks that points are on the curve, not that they are in the subgroup; the pairing checks both. A precompile
/// that fails burns the gas given to it, so each call is capped at about twice its EIP-2537 price.
library Bls12381 {
    /// @notice A point has the wrong length, is not on the curve, not in the subgroup, or not encoded canonically.
    error InvalidPoint();
    /// @notice The point at infinity is neither a key nor a signature.
    error PointAtInfinity();

    uint256 internal constant G1_LENGTH = 128;
    uint256 internal constant G2_LENGTH = 256;

    address private constant MODEXP = address(0x05);
    address private constant G1_ADD = address(0x0b);
    address private constant G2_ADD = address(0x0d);
    address private constant G2_MSM = address(0x0e);
    address private constant PAIRING = address(0x0f);
    address private constant MAP_FP2_TO_G2 = address(0x11);

    uint256 private constant MODEXP_GAS = 5_000;
    uint256 private constant G1_ADD_GAS = 1_000;
    uint256 private constant G2_ADD_GAS = 1_500;
    uint256 private constant G2_MSM_GAS = 45_000;
    uint256 private constant MAP_GAS = 50_000;
    uint256 private constant PAIRING_GAS = 200_000;

    /// @dev The field modulus p, 64 bytes.
    uint256 private constant P_HIGH = 0x000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;

    bytes private constant NEGATED_GENERATOR =
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
        hex"00000000000000000000000000000000114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca";

    /// @dev DST followed by its length, as RFC 9380 §5.3.1 wants it.
    bytes private constant DST_PRIME = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_\x2b";

    /// @notice e(key, H(message)) == e(G1, signature). Both points are checked for curve, subgroup and infinity.
    function verify(bytes memory key, bytes32 message, bytes memory signature) internal view returns (bool) {
        _requirePoints(key, signature);
        return _pairs(key, hashToG2(message), signature);
    }

    /// @notice True when `verify` holds for both messages, but for a chance of 2^-128; all points are checked as there.
    /// @dev One pairing for both: e(key, H(a) + c H(b)) == e(G1, signatureA + c signatureB). The coefficient c is a hash of everything
    /// that it weighs, so that two wrong signatures cannot be chosen to cancel. The multiplication checks the subgroup of
    /// signatureB, the pairing that of the sum, and so that of signatureA.
    function verifyPair(
        bytes memory key,
        bytes32 messageA,
        bytes memory signatureA,
        bytes32 messageB,
        bytes memory signatureB
    ) internal view returns (bool) {
        _requirePoints(key, signatureA);
        _requirePoints(key, signatureB);
        uint256 coefficient = uint128(
            uint256(keccak256(bytes.concat(key, messageA, messageB, signatureA, signatureB)))
        );
        bytes memory hashes = _addG2(hashToG2(messageA), _multiplyG2(hashToG2(messageB), coefficient));
        return _pairs(key, hashes, _addG2(signatureA, _multiplyG2(signatureB, coefficient)));
    }

    /// @notice Sum of two G1 points.
    function add(bytes memory a, bytes memory b) internal view returns (bytes memory) {
        return _call(G1_ADD, G1_ADD_GAS, bytes.concat(a, b), G1_LENGTH);
    }

    /// @notice Adds the point that is the code of `pointer` behind its first byte, as {CodeStorage} keeps it, to `sum` in place.
    /// @dev `sum` must be G1_LENGTH bytes.
    function addFromCode(bytes memory sum, address pointer) internal view {
        address precompile = G1_ADD;
        bool ok;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, add(sum, 0x20), G1_LENGTH)
            extcodecopy(pointer, add(input, G1_LENGTH), 1, G1_LENGTH)
            ok := staticcall(G1_ADD_GAS, precompile, input, mul(2, G1_LENGTH), add(sum, 0x20), G1_LENGTH)
            ok := and(ok, eq(returndatasize(), G1_LENGTH))
        }
        if (!ok) revert InvalidPoint();
    }

    /// @notice The G1 point with y replaced by p - y; infinity stays.
    /// @dev `point` must be a valid encoding: then y < p, and y is not 0 (no point of the curve has order 2).
    function negate(bytes memory point) internal pure returns (bytes memory) {
        if (isInfinity(point)) return point;
        (uint256 xHigh, uint256 xLow, uint256 yHigh, uint256 yLow) = abi.decode(
            point,
            (uint256, uint256, uint256, uint256)
        );
        unchecked {
            uint256 borrow = yLow > P_LOW ? 1 : 0;
            return abi.encode(xHigh, xLow, P_HIGH - yHigh - borrow, P_LOW - yLow);
        }
    }

    /// @notice The G1 identity.
    function infinity() internal pure returns (bytes memory) {
        return new bytes(G1_LENGTH);
    }

    /// @notice True when every byte is zero, which is how EIP-2537 encodes the identity.
    function isInfinity(bytes memory point) internal pure returns (bool) {
        for (uint256 i = 0x20; i <= point.length; i += 0x20) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(add(point, i))
            }
            if (word != 0) return false;
        }
        return true;
    }

    /// @notice hash_to_curve of RFC 9380 for the suite BLS12381G2_XMD:SHA-256_SSWU_RO_.
    function hashToG2(bytes32 message) internal view returns (bytes memory) {
        bytes32[8] memory uniform = _expand(message);
        bytes memory first = bytes.concat(_reduce(uniform[0], uniform[1]), _reduce(uniform[2], uniform[3]));
        bytes memory second = bytes.concat(_reduce(uniform[4], uniform[5]), _reduce(uniform[6], uniform[7]));
        return
            _addG2(_call(MAP_FP2_TO_G2, MAP_GAS, first, G2_LENGTH), _call(MAP_FP2_TO_G2, MAP_GAS, second, G2_LENGTH));
    }

    /// @dev e(key, hashed) == e(G1, signature), by e(key, hashed) e(-G1, signature) == 1.
    function _pairs(bytes memory key, bytes memory hashed, bytes memory signature) private view returns (bool) {
        bytes memory input = bytes.concat(key, hashed, NEGATED_GENERATOR, signature);
        return abi.decode(_call(PAIRING, PAIRING_GAS, input, 32), (uint256)) == 1;
    }

    /// @dev Checks that both points are on the curve, not that they are in the subgroup.
    function _addG2(bytes memory a, bytes memory b) private view returns (bytes memory) {
        return _call(G2_ADD, G2_ADD_GAS, bytes.concat(a, b), G2_LENGTH);
    }

    /// @dev Checks curve and subgroup.
    function _multiplyG2(bytes memory point, uint256 scalar) private view returns (bytes memory) {
        return _call(G2_MSM, G2_MSM_GAS, bytes.concat(point, bytes32(scalar)), G2_LENGTH);
    }

    function _requirePoints(bytes memory key, bytes memory signature) private pure {
        if (key.length != G1_LENGTH || signature.length != G2_LENGTH) revert InvalidPoint();
        if (isInfinity(key) || isInfinity(signature)) revert PointAtInfinity();
    }

    /// @dev expand_message_xmd of RFC 9380 §5.3.1 to 256 bytes.
    function _expand(bytes32 message) private pure returns (bytes32[8] memory blocks) {
        bytes32 b0 = sha256(bytes.concat(bytes32(0), bytes32(0), message, hex"010000", DST_PRIME));
        // One input for all blocks: only its first 33 bytes change.
        bytes memory input = bytes.concat(bytes32(0), hex"00", DST_PRIME);
        bytes32 previous = 0;
        for (uint256 i = 0; i < 8; ++i) {
            bytes32 mixed = b0 ^ previous;
            assembly ("memory-safe") {
                mstore(add(input, 0x20), mixed)
                mstore8(add(input, 0x40), add(i, 1))
            }
            previous = sha256(input);
            blocks[i] = previous;
        }
    }

    /// @dev (high ‖ low) mod p, 64 bytes.
    function _reduce(bytes32 high, bytes32 low) private view returns (bytes memory) {
        bytes memory input = abi.encodePacked(uint256(64), uint256(1), uint256(64), high, low, uint8(1), P_HIGH, P_LOW);
        return _call(MODEXP, MODEXP_GAS, input, 64);
    }

    function _call(
        address precompile,
        uint256 gasCap,
        bytes memory input,
        uint256 length
    ) private view returns (bytes memory output) {
        bool ok;
        assembly ("memory-safe") {
            output := mload(0x40)
            mstore(0x40, add(add(output, 0x20), length))
            mstore(output, length)
            ok := staticcall(gasCap, precompile, add(input, 0x20), mload(input), add(output, 0x20), length)
            ok := and(ok, eq(returndatasize(), length))
        }
        if (!ok) revert InvalidPoint();
    }
}
