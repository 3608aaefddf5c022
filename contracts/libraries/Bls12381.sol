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

    address private constant SHA256 = address(0x02);
    address private constant MODEXP = address(0x05);
    address private constant G1_ADD = address(0x0b);
    address private constant G2_ADD = address(0x0d);
    address private constant PAIRING = address(0x0f);
    address private constant MAP_FP2_TO_G2 = address(0x11);

    uint256 private constant MODEXP_GAS = 5_000;
    uint256 private constant G1_ADD_GAS = 1_000;
    uint256 private constant G2_ADD_GAS = 1_500;
    uint256 private constant MAP_GAS = 50_000;
    uint256 private constant PAIRING_GAS = 200_000;

    /// @dev The field modulus p, 64 bytes.
    uint256 private constant P_HIGH = 0x000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 private constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;

    bytes private constant NEGATED_GENERATOR =
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
        hex"00000000000000000000000000000000114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca";

    /// @dev DST followed by its length, as RFC 9380 §5.3.1 wants it: 32 and 12 bytes.
    bytes32 private constant DST_PRIME_HEAD = "BLS_SIG_BLS12381G2_XMD:SHA-256_S";
    bytes32 private constant DST_PRIME_TAIL = "SWU_RO_POP_\x2b";

    /// @notice e(key, H(message)) == e(G1, signature). Both points are checked for curve, subgroup and infinity.
    function verify(bytes memory key, bytes32 message, bytes memory signature) internal view returns (bool) {
        _requirePoints(key, signature);
        return _pairs(key, hashToG2(message), signature);
    }

    /// @notice True when `signature` is the sum of a signature of `keyA` over `messageA` and one of `keyB` over `messageB`. Nobody makes such a
    /// sum without both: it shows that both were signed. All points are checked as by `verify`.
    /// @dev AggregateVerify of the IETF BLS draft: e(keyA, H(a)) e(keyB, H(b)) == e(G1, signature). The messages must differ, and the
    /// possession of the keys be proven.
    function verifyBoth(
        bytes memory keyA,
        bytes32 messageA,
        bytes memory keyB,
        bytes32 messageB,
        bytes memory signature
    ) internal view returns (bool) {
        _requirePoints(keyA, signature);
        bytes memory hashedA = hashToG2(messageA);
        bytes memory hashedB = hashToG2(messageB);
        if (keccak256(keyA) == keccak256(keyB)) {
            return _pairs(keyA, _call(G2_ADD, G2_ADD_GAS, bytes.concat(hashedA, hashedB), G2_LENGTH), signature);
        }
        _requirePoints(keyB, signature);
        return _pairs(bytes.concat(keyA, hashedA, keyB), hashedB, signature);
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
        uint256 elements;
        assembly ("memory-safe") {
            elements := mload(0x40)
            mstore(0x40, add(elements, 512))
        }
        bool ok = _expand(message, elements) && _reduce(elements);
        if (!ok) revert InvalidPoint();
        bytes memory points = new bytes(2 * G2_LENGTH);
        uint256 to;
        assembly ("memory-safe") {
            to := add(points, 0x20)
        }
        _callAt(MAP_FP2_TO_G2, MAP_GAS, elements, 128, to, G2_LENGTH);
        _callAt(MAP_FP2_TO_G2, MAP_GAS, elements + 128, 128, to + G2_LENGTH, G2_LENGTH);
        return _call(G2_ADD, G2_ADD_GAS, points, G2_LENGTH);
    }

    /// @dev expand_message_xmd of RFC 9380 §5.3.1: 256 bytes to `target` in memory, with 256 bytes behind it to work in.
    function _expand(bytes32 message, uint256 target) private view returns (bool ok) {
        address precompile = SHA256;
        assembly ("memory-safe") {
            // 64 zero bytes, the message, the length 256, a zero byte, DST_PRIME
            let input := add(target, 256)
            mstore(input, 0)
            mstore(add(input, 32), 0)
            mstore(add(input, 64), message)
            mstore(add(input, 96), shl(232, 0x010000))
            mstore(add(input, 99), DST_PRIME_HEAD)
            mstore(add(input, 131), DST_PRIME_TAIL)
            ok := staticcall(gas(), precompile, input, 143, input, 32)
            // For each block: what is hashed, its number, DST_PRIME
            let first := mload(input)
            mstore(add(input, 33), DST_PRIME_HEAD)
            mstore(add(input, 65), DST_PRIME_TAIL)
            for {
                let index := 1
            } lt(index, 9) {
                index := add(index, 1)
            } {
                mstore8(add(input, 32), index)
                ok := and(ok, staticcall(gas(), precompile, input, 77, target, 32))
                mstore(input, xor(first, mload(target)))
                target := add(target, 32)
            }
        }
    }

    /// @dev Each 64 of the 256 bytes at `target` mod p, in place, with 256 bytes behind them to work in.
    function _reduce(uint256 target) private view returns (bool ok) {
        address precompile = MODEXP;
        assembly ("memory-safe") {
            // Lengths of base, exponent and modulus; room for the base; exponent; modulus
            let end := add(target, 256)
            mstore(end, 64)
            mstore(add(end, 32), 1)
            mstore(add(end, 64), 64)
            mstore8(add(end, 160), 1)
            mstore(add(end, 161), P_HIGH)
            mstore(add(end, 193), P_LOW)
            ok := 1
            for {} lt(target, end) {
                target := add(target, 64)
            } {
                mcopy(add(end, 96), target, 64)
                ok := and(ok, staticcall(MODEXP_GAS, precompile, end, 225, target, 64))
            }
        }
    }

    /// @dev Product of e(key, hashed) over all pairs == e(G1, signature), by e(-G1, signature) on the left. `first`: every pair of a key and a
    /// hashed message but the last, and the last key.
    function _pairs(bytes memory first, bytes memory hashed, bytes memory signature) private view returns (bool) {
        bytes memory input = bytes.concat(first, hashed, NEGATED_GENERATOR, signature);
        return abi.decode(_call(PAIRING, PAIRING_GAS, input, 32), (uint256)) == 1;
    }

    function _requirePoints(bytes memory key, bytes memory signature) private pure {
        if (key.length != G1_LENGTH || signature.length != G2_LENGTH) revert InvalidPoint();
        if (isInfinity(key) || isInfinity(signature)) revert PointAtInfinity();
    }

    function _call(
        address precompile,
        uint256 gasCap,
        bytes memory input,
        uint256 length
    ) private view returns (bytes memory output) {
        uint256 from;
        uint256 to;
        assembly ("memory-safe") {
            output := mload(0x40)
            mstore(0x40, add(add(output, 0x20), length))
            mstore(output, length)
            from := add(input, 0x20)
            to := add(output, 0x20)
        }
        _callAt(precompile, gasCap, from, input.length, to, length);
    }

    /// @dev From memory to memory.
    function _callAt(
        address precompile,
        uint256 gasCap,
        uint256 from,
        uint256 inputLength,
        uint256 to,
        uint256 outputLength
    ) private view {
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gasCap, precompile, from, inputLength, to, outputLength)
            ok := and(ok, eq(returndatasize(), outputLength))
        }
        if (!ok) revert InvalidPoint();
    }
}
