// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The part of ERC-3009 that takes deposits
/// @dev With the signature in one piece, as current stablecoins offer it, so that accounts that are contracts can sign too.
interface IReceiveWithAuthorization {
    /// @notice Transfers `value` from `from`, who signed, to `to`, who must be the caller.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}
