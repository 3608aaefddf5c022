// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ClientVault} from "../../../contracts/bridge/ClientVault.sol";
import {EpochSettlement} from "../../../contracts/bridge/EpochSettlement.sol";
import {ProtocolParameters} from "../../../contracts/governance/ProtocolParameters.sol";
import {ServiceRegistry} from "../../../contracts/governance/ServiceRegistry.sol";
import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IFLK} from "../../../contracts/interfaces/IFLK.sol";
import {IProtocolParameters} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {MockUSD} from "../../../contracts/mocks/MockUSD.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {FLK} from "../../../contracts/token/FLK.sol";
import {BlsSigner} from "./BlsSigner.sol";
import {vm} from "./Vm.sol";

/// @notice All contracts, wired as the deployment wires them; the test is governance.
abstract contract Fixture {
    uint64 internal constant SETTLEMENT_ROLE = 1;
    uint256 internal constant SUPPLY = 1_000_000_000 ether;
    uint256 internal constant CEILING_BPS = 1_000;
    uint64 internal constant START = 1_800_000_000_000;
    uint256 internal constant THAW = 120;

    AccessManager internal manager;
    MockUSD internal usd;
    FLK internal flk;
    ProtocolParameters internal parameters;
    ServiceRegistry internal services;
    NodeStaking internal staking;
    ClientVault internal vault;
    EpochSettlement internal settlement;

    function setUp() public virtual {
        vm.warp(START / 1000);
        manager = new AccessManager(address(this));
        usd = new MockUSD();
        flk = new FLK(address(manager), address(this), SUPPLY, CEILING_BPS);
        parameters = new ProtocolParameters(address(manager), parameterList());
        services = new ServiceRegistry(address(manager), parameters);
        staking = new NodeStaking(address(manager), flk, parameters);
        vault = new ClientVault(address(manager), usd, 0);
        settlement = new EpochSettlement(address(manager), IFLK(address(flk)), vault, staking);

        bytes4[] memory minting = new bytes4[](2);
        (minting[0], minting[1]) = (FLK.openAccrual.selector, FLK.mint.selector);
        manager.setTargetFunctionRole(address(flk), minting, SETTLEMENT_ROLE);
        bytes4[] memory paying = new bytes4[](1);
        paying[0] = ClientVault.payOut.selector;
        manager.setTargetFunctionRole(address(vault), paying, SETTLEMENT_ROLE);
        manager.grantRole(SETTLEMENT_ROLE, address(settlement), 0);
        staking.bindSettlement(address(settlement));
    }

    function parameterList() internal pure returns (IProtocolParameters.Parameter[] memory list) {
        list = new IProtocolParameters.Parameter[](7);
        list[0] = IProtocolParameters.Parameter("nodeShareBps", 8_000, 0, 10_000);
        list[1] = IProtocolParameters.Parameter("serviceShareBps", 1_000, 0, 10_000);
        list[2] = IProtocolParameters.Parameter("treasuryShareBps", 500, 0, 10_000);
        list[3] = IProtocolParameters.Parameter("buybackShareBps", 500, 0, 10_000);
        list[4] = IProtocolParameters.Parameter("thawPeriod", THAW, 1, 365 days);
        list[5] = IProtocolParameters.Parameter("maxPrice", 10 ** 12, 1, type(uint64).max);
        list[6] = IProtocolParameters.Parameter("kappaBps", 5_000, 0, 5_000);
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

    /// @notice The next settlement in line, with an empty epoch's content and `next` as its committee.
    function nextSettlement(Committee memory next) internal view returns (IEpochSettlement.Settlement memory s) {
        IEpochSettlement.Status memory status = settlement.status();
        s.epoch = status.nextEpoch;
        s.previous = status.digest;
        s.closeTime = status.closeTime + 30_000;
        s.totalBalances = status.totalBalances;
        s.totalPayoutStable = status.totalPayoutStable;
        s.totalPayoutFlk = status.totalPayoutFlk;
        s.nextCommitteeHash = settlement.hashCommittee(next);
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
}
