// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {TransferAuthorization} from "../token/TransferAuthorization.sol";

/// @title Test stablecoin: 6 decimals, Permit, ERC-3009, anyone may mint. Never on a network with value.
contract MockUSD is ERC20, ERC20Permit, TransferAuthorization {
    constructor() ERC20("Mock USD", "mUSD") ERC20Permit("Mock USD") {}

    /// @param amount micro-USD
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice 6: one unit is a micro-USD.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Of Permit; ERC-3009 has its own.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _useCheckedNonce(address owner, uint256 nonce) internal override(Nonces, NoncesKeyed) {
        Nonces._useCheckedNonce(owner, nonce);
    }
}
