// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Test stablecoin: 6 decimals, Permit, anyone may mint. Never on a network with value.
contract MockUSD is ERC20, ERC20Permit {
    constructor() ERC20("Mock USD", "mUSD") ERC20Permit("Mock USD") {}

    /// @param amount micro-USD
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice 6: one unit is a micro-USD.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
