// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ISlasher} from "../../../contracts/interfaces/ISlasher.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {vm} from "../support/Vm.sol";
import {deployStaking} from "../support/Deploy.sol";

/// @notice Gas of whole transactions through the proxies, by `gasleft` around the call in a cold state, and the intrinsic price of 21000
/// and calldata. Refunds are not taken off.
contract StakingGasTest is StakingFixture {
    uint256 private constant REGISTER_CEILING = 520_000;
    uint256 private constant SLASH_CEILING = 450_000;
    /// @dev EIP-170
    uint256 private constant MAX_CODE = 24_576;

    function setUp() public override {
        super.setUp();
        // What was changed once costs more to read.
        parameters.setSlashing(1_000, 2_000);
        _nextEpoch();
        _stake(900 ether);
        vm.warp(block.timestamp + 100);
    }

    /// @dev Code that is instrumented, to see which lines run, outgrows what a chain takes: what it costs says nothing.
    modifier asDeployed() {
        address code = address(deployStaking(flk, parameters, settlement, slasher, votes));
        if (code.code.length <= MAX_CODE) _;
    }

    function test_RegisteringStaysBelowItsCeiling() public asDeployed {
        bytes memory key = BlsSigner.publicKey(77);
        bytes memory proof = BlsSigner.sign(77, staking.proofMessage(owner, key));
        string memory endpoints = "/ip4/203.0.113.77/tcp/4200,/dns4/node.example.org/tcp/4200";
        bytes memory alone = abi.encodeCall(staking.register, (key, proof, keccak256(key), endpoints));
        vm.prank(owner);
        uint256 gas = _transaction(address(staking), alone);
        vm.assertLe(gas, REGISTER_CEILING);
    }

    function test_RegisteringWithStakeStaysBelowTheSameCeiling() public asDeployed {
        bytes memory key = BlsSigner.publicKey(77);
        bytes memory proof = BlsSigner.sign(77, staking.proofMessage(owner, key));
        string memory endpoints = "/ip4/203.0.113.77/tcp/4200,/dns4/node.example.org/tcp/4200";
        bytes memory staked = abi.encodeCall(
            staking.registerWithStake,
            (key, proof, keccak256(key), endpoints, 100 ether)
        );
        vm.prank(owner);
        uint256 gas = _transaction(address(staking), staked);
        vm.assertLe(gas, REGISTER_CEILING);
    }

    function test_SlashingOneSignerStaysBelowItsCeiling() public asDeployed {
        uint256 gas = _transaction(address(slasher), _evidence());
        vm.assertLe(gas, SLASH_CEILING);
    }

    /// @dev The reporter holds no FLK: its balance is a new slot.
    function _evidence() private view returns (bytes memory) {
        return abi.encodeCall(ISlasher.slashEquivocation, (_equivocation(0), REPORTER));
    }

    function _transaction(address to, bytes memory data) private returns (uint256 gas) {
        // A transaction finds the account that it calls warm.
        vm.assertTrue(to.code.length != 0);
        uint256 before = gasleft();
        Address.functionCall(to, data);
        gas = 21_000 + before - gasleft();
        for (uint256 i = 0; i < data.length; i++) gas += data[i] == 0 ? 4 : 16;
    }
}
