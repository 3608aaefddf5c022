// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ClientVault} from "../../../contracts/bridge/ClientVault.sol";
import {EpochSettlement} from "../../../contracts/bridge/EpochSettlement.sol";
import {BuybackAuction} from "../../../contracts/buyback/BuybackAuction.sol";
import {FlkGovernor} from "../../../contracts/governance/FlkGovernor.sol";
import {FlkTimelock} from "../../../contracts/governance/FlkTimelock.sol";
import {FlkVotes} from "../../../contracts/governance/FlkVotes.sol";
import {ProtocolParameters} from "../../../contracts/governance/ProtocolParameters.sol";
import {ServiceRegistry} from "../../../contracts/governance/ServiceRegistry.sol";
import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {Slasher} from "../../../contracts/staking/Slasher.sol";
import {FLK} from "../../../contracts/token/FLK.sol";
import {vm} from "./Vm.sol";

// Code as it is built for a chain, by its name: tests are built without the optimizer, and so would be whatever they hold themselves.

function deploy(string memory artifact, bytes memory constructorArguments) returns (address made) {
    bytes memory code = bytes.concat(vm.getCode(artifact), constructorArguments);
    // solhint-disable-next-line no-inline-assembly
    assembly ("memory-safe") {
        made := create(0, add(code, 0x20), mload(code))
    }
    vm.assertTrue(made != address(0));
}

function deployManager(address admin) returns (AccessManager) {
    return AccessManager(deploy("AccessManager.sol:AccessManager", abi.encode(admin)));
}

function deployFlk(address settlement, address receiver, uint256 supply, uint256 ceilingBps) returns (FLK) {
    return FLK(deploy("FLK.sol:FLK", abi.encode(settlement, receiver, supply, ceilingBps)));
}

function deploySettlement(
    FLK flk,
    IERC20 usd,
    ClientVault vault,
    INodeStaking staking,
    ProtocolParameters parameters
) returns (EpochSettlement) {
    bytes memory arguments = abi.encode(flk, usd, vault, staking, parameters);
    return EpochSettlement(payable(deploy("EpochSettlement.sol:EpochSettlement", arguments)));
}

function deployParameters(IEpochSettlement settlement) returns (ProtocolParameters) {
    return ProtocolParameters(deploy("ProtocolParameters.sol:ProtocolParameters", abi.encode(settlement)));
}

function deployServices(ProtocolParameters parameters) returns (ServiceRegistry) {
    return ServiceRegistry(deploy("ServiceRegistry.sol:ServiceRegistry", abi.encode(parameters)));
}

function deployVotes(FLK flk, NodeStaking staking) returns (FlkVotes) {
    return FlkVotes(deploy("FlkVotes.sol:FlkVotes", abi.encode(flk, staking)));
}

function deployStaking(
    FLK flk,
    ProtocolParameters parameters,
    IEpochSettlement settlement,
    Slasher slasher,
    FlkVotes votes
) returns (NodeStaking) {
    bytes memory arguments = abi.encode(flk, parameters, settlement, slasher, votes);
    return NodeStaking(deploy("NodeStaking.sol:NodeStaking", arguments));
}

function deploySlasher(
    NodeStaking staking,
    ProtocolParameters parameters,
    IEpochSettlement settlement
) returns (Slasher) {
    return Slasher(deploy("Slasher.sol:Slasher", abi.encode(staking, parameters, settlement)));
}

function deployVault(IERC20 usd, IEpochSettlement settlement) returns (ClientVault) {
    return ClientVault(deploy("ClientVault.sol:ClientVault", abi.encode(usd, settlement)));
}

function deployBuyback(FLK flk, IERC20 usd, IEpochSettlement settlement) returns (BuybackAuction) {
    return BuybackAuction(deploy("BuybackAuction.sol:BuybackAuction", abi.encode(flk, usd, settlement)));
}

function deployTimelock(
    uint256 delay,
    address[] memory proposers,
    address[] memory executors,
    address admin
) returns (FlkTimelock) {
    bytes memory arguments = abi.encode(delay, proposers, executors, admin);
    return FlkTimelock(payable(deploy("FlkTimelock.sol:FlkTimelock", arguments)));
}

function deployGovernor(
    FlkVotes votes,
    FlkTimelock timelock,
    FlkGovernor.Settings memory settings
) returns (FlkGovernor) {
    return FlkGovernor(payable(deploy("FlkGovernor.sol:FlkGovernor", abi.encode(votes, timelock, settings))));
}
