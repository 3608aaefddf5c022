// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20TransferAuthorization} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20TransferAuthorization.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

/// @title Transfers by signature (ERC-3009), of contract accounts too
/// @notice Nonces are any 32 bytes that the signer did not use before, as wallets draw them and as the large stablecoins take them; OpenZeppelin's
/// extension, which adds the signatures of contract accounts, would have them in sequence and shared with Permit.
abstract contract TransferAuthorization is ERC20TransferAuthorization {
    /// @notice True when `authorizer` used or cancelled `nonce`.
    function authorizationState(address authorizer, bytes32 nonce) public view override returns (bool) {
        return ERC3009.authorizationState(authorizer, nonce);
    }

    function _consumeNonce(address authorizer, bytes32 nonce) internal override {
        ERC3009._consumeNonce(authorizer, nonce);
    }
}
