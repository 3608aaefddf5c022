// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Text of visible ASCII
/// @notice Readers print, split and compare such text without escaping: no spaces, control bytes or look-alikes.
library AsciiText {
    bytes32 private constant HIGH_BITS = 0x8080808080808080808080808080808080808080808080808080808080808080;
    /// @dev Carries into the high bit of every byte from 0x21 on.
    uint256 private constant TO_0X21 = 0x5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f;
    /// @dev Carries into the high bit of every byte from 0x7f on.
    uint256 private constant TO_0X7F = 0x0101010101010101010101010101010101010101010101010101010101010101;
    /// @dev 32 bytes that are all visible.
    bytes32 private constant FILLER = 0x2121212121212121212121212121212121212121212121212121212121212121;

    /// @notice True when every byte is between 0x21 and 0x7e; of the empty text too.
    function isVisible(string calldata text) internal pure returns (bool) {
        bytes calldata data = bytes(text);
        uint256 length = data.length;
        for (uint256 i = 0; i < length; i += 32) {
            bytes32 word;
            // May read beyond the text: those bytes are replaced below.
            assembly ("memory-safe") {
                word := calldataload(add(data.offset, i))
            }
            if (length - i < 32) {
                bytes32 beyond = bytes32(type(uint256).max >> (8 * (length - i)));
                word = (word & ~beyond) | (FILLER & beyond);
            }
            if (!_isVisible(word)) return false;
        }
        return true;
    }

    function _isVisible(bytes32 word) private pure returns (bool) {
        if (word & HIGH_BITS != 0) return false;
        // No byte is above 0x7f, so that no sum leaves its byte.
        unchecked {
            bytes32 from0x21 = bytes32(uint256(word) + TO_0X21);
            bytes32 from0x7f = bytes32(uint256(word) + TO_0X7F);
            return (from0x21 & ~from0x7f & HIGH_BITS) == HIGH_BITS;
        }
    }
}
