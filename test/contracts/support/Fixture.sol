// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ClientVault} from "../../../contracts/bridge/ClientVault.sol";
import {EpochSettlement} from "../../../contracts/bridge/EpochSettlement.sol";
import {SettlementForwards} from "../../../contracts/bridge/SettlementForwards.sol";
import {FlkVotes} from "../../../contracts/governance/FlkVotes.sol";
import {ProtocolParameters} from "../../../contracts/governance/ProtocolParameters.sol";
import {ServiceRegistry} from "../../../contracts/governance/ServiceRegistry.sol";
import {IEpochSettlement, IEpochSettlementTypes} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IProtocolParameters} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {MockUSD} from "../../../contracts/mocks/MockUSD.sol";
import {Reserved} from "../../../contracts/proxy/Reserved.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {Slasher} from "../../../contracts/staking/Slasher.sol";
import {FLK} from "../../../contracts/token/FLK.sol";
import {BlsSigner} from "./BlsSigner.sol";
import {vm} from "./Vm.sol";
import {
    deployFlk,
    deployManager,
    deployParameters,
    deployServices,
    deploySettlement,
    deploySlasher,
    deployStaking,
    deployVault,
    deployVotes
} from "./Deploy.sol";

/// @notice All contracts behind proxies, wired as the deployment wires them; the test is governance, launcher and guardian.
abstract contract Fixture {
    uint256 internal constant SUPPLY = 1_000_000_000 ether;
    uint256 internal constant CEILING_BPS = 1_000;
    uint64 internal constant START = 1_800_000_000_000;
    uint256 internal constant THAW = 30 days;
    uint256 internal constant MIN_STAKE = 1_000 ether;
    uint32 internal constant ESCAPE_DELAY = 40 days;
    uint32 internal constant EXIT_WINDOW = 7 days;
    uint32 internal constant RECOVERY_DELAY = 60 days;

    AccessManager internal manager;
    MockUSD internal usd;
    FLK internal flk;
    ProtocolParameters internal parameters;
    ServiceRegistry internal services;
    FlkVotes internal votes;
    NodeStaking internal staking;
    Slasher internal slasher;
    ClientVault internal vault;
    EpochSettlement internal settlement;

    function setUp() public virtual {
        vm.warp(START / 1000);
        manager = deployManager(address(this));
        usd = _makeUsd();
        address reserved = address(new Reserved());
        settlement = EpochSettlement(payable(_reserve(reserved)));
        parameters = ProtocolParameters(_reserve(reserved));
        services = ServiceRegistry(_reserve(reserved));
        votes = FlkVotes(_reserve(reserved));
        staking = NodeStaking(_reserve(reserved));
        slasher = Slasher(_reserve(reserved));
        vault = ClientVault(_reserve(reserved));
        flk = deployFlk(address(settlement), address(this), SUPPLY, CEILING_BPS);
        _implement();
    }

    /// @notice The stablecoin; tests with an odd one make another.
    function _makeUsd() internal virtual returns (MockUSD) {
        return new MockUSD();
    }

    /// @notice Replaces what a proxy holds.
    function _upgrade(address proxy, address implementation, bytes memory call) internal {
        Reserved(proxy).upgradeToAndCall(implementation, call);
    }

    function _implement() private {
        address authority = address(manager);
        _upgrade(
            address(settlement),
            address(deploySettlement(flk, usd, vault, staking, parameters)),
            abi.encodeCall(SettlementForwards.initialize, (authority, looseLimits(), longDelays()))
        );
        _upgrade(
            address(parameters),
            address(deployParameters(settlement)),
            abi.encodeCall(ProtocolParameters.initialize, (authority, parameterList()))
        );
        _upgrade(
            address(services),
            address(deployServices(parameters)),
            abi.encodeCall(ServiceRegistry.initialize, (authority))
        );
        _upgrade(address(votes), address(deployVotes(flk, staking)), abi.encodeCall(FlkVotes.initialize, (authority)));
        _upgrade(
            address(staking),
            address(deployStaking(flk, parameters, settlement, slasher, votes)),
            abi.encodeCall(NodeStaking.initialize, (authority))
        );
        _upgrade(
            address(slasher),
            address(deploySlasher(staking, parameters, settlement)),
            abi.encodeCall(Slasher.initialize, (authority))
        );
        _upgrade(
            address(vault),
            address(deployVault(usd, settlement)),
            abi.encodeCall(ClientVault.initialize, (authority, 0))
        );
    }

    /// @notice Active when posted, and no limit that a test would meet by chance.
    function looseLimits() internal pure virtual returns (IEpochSettlement.Limits memory) {
        return IEpochSettlementTypes.Limits(0, 1 days, type(uint64).max, type(uint96).max, 0);
    }

    function longDelays() internal pure returns (IEpochSettlement.Delays memory) {
        return IEpochSettlementTypes.Delays(ESCAPE_DELAY, EXIT_WINDOW, RECOVERY_DELAY);
    }

    function parameterList() internal pure returns (IProtocolParameters.Parameter[] memory list) {
        uint256 most = type(uint128).max;
        list = new IProtocolParameters.Parameter[](22);
        list[0] = IProtocolParameters.Parameter("nodeShareBps", 8_000, 0, 10_000);
        list[1] = IProtocolParameters.Parameter("serviceShareBps", 1_000, 0, 10_000);
        list[2] = IProtocolParameters.Parameter("treasuryShareBps", 500, 0, 10_000);
        list[3] = IProtocolParameters.Parameter("buybackShareBps", 500, 0, 10_000);
        list[4] = IProtocolParameters.Parameter("thawPeriod", THAW, 1, 365 days);
        list[5] = IProtocolParameters.Parameter("maxPrice", 10 ** 12, 1, type(uint64).max);
        list[6] = IProtocolParameters.Parameter("kappaBps", 5_000, 0, 5_000);
        list[7] = IProtocolParameters.Parameter("epochLengthMs", 86_400_000, 1_000, 7 days * 1000);
        list[8] = IProtocolParameters.Parameter("committeeSize", 4, 4, 256);
        list[9] = IProtocolParameters.Parameter("minStake", MIN_STAKE, 1, most);
        list[10] = IProtocolParameters.Parameter("eligibilityEpochs", 0, 0, 1_000);
        list[11] = IProtocolParameters.Parameter("maxInflationBps", 300, 0, CEILING_BPS);
        list[12] = IProtocolParameters.Parameter("l2Stride", 2, 1, 100_000);
        list[13] = IProtocolParameters.Parameter("minBalance", 0, 0, 100_000_000);
        list[14] = IProtocolParameters.Parameter("treasury", 0x7, 1, type(uint160).max);
        list[15] = IProtocolParameters.Parameter("buyback", 0x8, 1, type(uint160).max);
        list[16] = IProtocolParameters.Parameter("evidenceWindow", 7 days, 1, 365 days);
        list[17] = IProtocolParameters.Parameter("maxLock", 1_460 days, 0, 3_650 days);
        list[18] = IProtocolParameters.Parameter("maxBoostBps", 40_000, 10_000, 100_000);
        list[19] = IProtocolParameters.Parameter("equivocationSlashBps", 1_000, 1, 10_000);
        list[20] = IProtocolParameters.Parameter("reporterRewardBps", 500, 0, 5_000);
        list[21] = IProtocolParameters.Parameter("maxSlashPerEpoch", 1_000_000 ether, 0, most);
    }

    function secretOf(uint32 nodeId) internal pure returns (uint256) {
        return (uint256(keccak256(abi.encode("secret", nodeId))) % (BlsSigner.ORDER - 1)) + 1;
    }

    /// @notice Registers the next node, owned by `owner`, with the key of `secretOf(nodeId)`.
    function registerNode(address owner) internal returns (uint32 nodeId) {
        uint256 secret = secretOf(staking.nodeCount() + 1);
        bytes memory key = BlsSigner.publicKey(secret);
        bytes memory proof = BlsSigner.sign(secret, staking.proofMessage(owner, key));
        bytes32 networkKey = keccak256(key);
        vm.prank(owner);
        nodeId = staking.register(key, proof, networkKey, "/ip4/127.0.0.1/tcp/4200");
    }

    function registerNodes(uint32 count) internal {
        for (uint32 i = 0; i < count; i++) registerNode(address(uint160(0x1000 + i)));
    }

    /// @notice Equal power 1 for `ids`, which must ascend.
    function committeeOf(uint64 epoch, uint32[] memory nodeIds) internal view returns (Committee memory) {
        bytes memory members;
        uint64[] memory keyIds = new uint64[](nodeIds.length);
        for (uint256 i = 0; i < nodeIds.length; i++) {
            members = bytes.concat(members, abi.encodePacked(nodeIds[i], uint32(0), uint64(1)));
            keyIds[i] = uint64(nodeIds[i]) << 32;
        }
        return Committee(epoch, members, staking.sumOfKeys(keyIds));
    }

    function firstNodes(uint32 count) internal pure returns (uint32[] memory made) {
        made = new uint32[](count);
        for (uint32 i = 0; i < count; i++) made[i] = i + 1;
    }

    /// @notice Aggregate signature of `signers` over `message`.
    function aggregate(uint32[] memory signers, bytes32 message) internal view returns (bytes memory signature) {
        signature = BlsSigner.sign(secretOf(signers[0]), message);
        for (uint256 i = 1; i < signers.length; i++) {
            signature = BlsSigner.addSignatures(signature, BlsSigner.sign(secretOf(signers[i]), message));
        }
    }

    /// @notice Root and leaf of a tree with the single entry.
    function singleLeaf(address account, uint256 stable, uint256 flkAmount) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account, stable, flkAmount))));
    }

    function ids(uint32 a) internal pure returns (uint32[] memory made) {
        made = new uint32[](1);
        made[0] = a;
    }

    function ids(uint32 a, uint32 b) internal pure returns (uint32[] memory made) {
        made = new uint32[](2);
        (made[0], made[1]) = (a, b);
    }

    function ids(uint32 a, uint32 b, uint32 c) internal pure returns (uint32[] memory made) {
        made = new uint32[](3);
        (made[0], made[1], made[2]) = (a, b, c);
    }

    function _reserve(address reserved) private returns (address) {
        return address(new ERC1967Proxy(reserved, abi.encodeCall(Reserved.reserve, ())));
    }
}
