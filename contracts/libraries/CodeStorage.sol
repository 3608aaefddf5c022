// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Immutable bytes kept as the code of a contract
/// @notice Reading costs one cold account instead of one cold slot per 32 bytes.
library CodeStorage {
    error CodeStorageWriteFailed();

    /// @dev Leading STOP, so that the stored bytes can never run.
    bytes1 private constant PREFIX = 0x00;

    /// @return pointer the account whose code is `data`
    function write(bytes memory data) internal returns (address pointer) {
        // Returns everything after these 11 bytes: PUSH1 11, CODESIZE, SUB, DUP1, PUSH1 11, PUSH0, CODECOPY, PUSH0, RETURN
        bytes memory creation = bytes.concat(hex"600b380380600b5f395ff3", PREFIX, data);
        assembly ("memory-safe") {
            pointer := create(0, add(creation, 0x20), mload(creation))
        }
        if (pointer == address(0)) revert CodeStorageWriteFailed();
    }

    /// @dev `pointer` must come from `write`.
    function read(address pointer) internal view returns (bytes memory data) {
        assembly ("memory-safe") {
            let size := sub(extcodesize(pointer), 1)
            data := mload(0x40)
            mstore(0x40, add(data, and(add(size, 0x3f), not(0x1f))))
            mstore(data, size)
            extcodecopy(pointer, add(data, 0x20), 1, size)
        }
    }
}
