// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ClientVault} from "../../../contracts/bridge/ClientVault.sol";
import {EpochSettlement} from "../../../contracts/bridge/EpochSettlement.sol";
import {FlkVotes} from "../../../contracts/governance/FlkVotes.sol";
import {ProtocolParameters} from "../../../contracts/governance/ProtocolParameters.sol";
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

abstract contract StakingFixture {
    uint64 internal constant GUARDIAN_ROLE = 2;
    uint256 internal constant SUPPLY = 1_000_000_000 ether;
    uint64 internal constant START = 1_800_000_000_000;
    uint256 internal constant THAW = 120;
    uint256 internal constant MAX_LOCK = 1_000;
    address internal constant GUARDIAN = address(0x9a4d);

    AccessManager internal manager;
    MockUSD internal usd;
    FLK internal flk;
    FlkVotes internal votes;
    ProtocolParameters internal parameters;
    NodeStaking internal staking;
    Slasher internal slasher;
    ClientVault internal vault;
    EpochSettlement internal settlement;

    Committee internal running;
    IEpochSettlement.Settlement internal newest;

    function setUp() public virtual {
        vm.warp(START / 1000);
        manager = new AccessManager(address(this));
        usd = new MockUSD();
        address reserved = address(new Reserved());
        parameters = ProtocolParameters(_proxy(reserved));
        votes = FlkVotes(_proxy(reserved));
        staking = NodeStaking(_proxy(reserved));
        slasher = Slasher(_proxy(reserved));
        vault = ClientVault(_proxy(reserved));
        settlement = EpochSettlement(payable(_proxy(reserved)));
        flk = new FLK(address(settlement), address(this), SUPPLY, 1_000);
        _upgradeAll();
        bytes4[] memory guarded = new bytes4[](1);
        guarded[0] = NodeStaking.pauseFor.selector;
        manager.setTargetFunctionRole(address(staking), guarded, GUARDIAN_ROLE);
        manager.grantRole(GUARDIAN_ROLE, GUARDIAN, 0);
    }

    function parameterList() internal pure virtual returns (IProtocolParameters.Parameter[] memory list) {
        list = new IProtocolParameters.Parameter[](11);
        list[0] = IProtocolParameters.Parameter("nodeShareBps", 8_000, 0, 10_000);
        list[1] = IProtocolParameters.Parameter("serviceShareBps", 1_000, 0, 10_000);
        list[2] = IProtocolParameters.Parameter("treasuryShareBps", 500, 0, 10_000);
        list[3] = IProtocolParameters.Parameter("buybackShareBps", 500, 0, 10_000);
        list[4] = IProtocolParameters.Parameter("thawPeriod", THAW, 1, 365 days);
        list[5] = IProtocolParameters.Parameter("epochLengthMs", 30_000, 1, 10 ** 12);
        list[6] = IProtocolParameters.Parameter("evidenceWindow", 30, 1, 365 days);
        list[7] = IProtocolParameters.Parameter("maxLock", MAX_LOCK, 1, 4 * 365 days);
        list[8] = IProtocolParameters.Parameter("equivocationSlashBps", 1_000, 1, 10_000);
        list[9] = IProtocolParameters.Parameter("reporterRewardBps", 2_000, 0, 5_000);
        list[10] = IProtocolParameters.Parameter("maxSlashPerEpoch", 1_000 ether, 0, type(uint128).max);
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

    /// @notice Opens epoch 0 with a committee of the nodes 1 to 4, of which those that are missing are registered.
    function startNetwork() internal {
        for (uint32 id = staking.nodeCount() + 1; id <= 4; id++) registerNode(address(uint160(0x1000 + id)));
        running = committeeOf(0);
        settlement.start(running, START);
    }

    /// @notice The nodes 1 to 4 with their first keys and equal power.
    function committeeOf(uint64 epoch) internal view returns (Committee memory) {
        bytes memory members;
        uint64[] memory keyIds = new uint64[](4);
        for (uint32 id = 1; id <= 4; id++) {
            members = bytes.concat(members, abi.encodePacked(id, uint32(0), uint64(1)));
            keyIds[id - 1] = uint64(id) << 32;
        }
        return Committee(epoch, members, staking.sumOfKeys(keyIds));
    }

    /// @notice Settles an empty epoch with this slash list, which is active at once.
    function settleEpoch(bytes32 slashListHash) internal {
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(running.epoch + 1));
        s.slashListHash = slashListHash;
        settlement.settle(newest, s, running, new uint32[](0), signedBy4(settlement.settlementMessage(s)));
        newest = s;
        running = committeeOf(running.epoch + 1);
    }

    function nextSettlement(Committee memory next) internal view returns (IEpochSettlement.Settlement memory s) {
        s.epoch = settlement.nextEpoch();
        s.previous = settlement.latestDigest();
        s.closeTime = START + 30_000 * (s.epoch + 1);
        s.nextCommitteeHash = settlement.hashCommittee(next);
    }

    function signedBy4(bytes32 message) internal view returns (bytes memory signature) {
        signature = BlsSigner.sign(secretOf(1), message);
        for (uint32 id = 2; id <= 4; id++) {
            signature = BlsSigner.addSignatures(signature, BlsSigner.sign(secretOf(id), message));
        }
    }

    function _proxy(address reserved) private returns (address) {
        return address(new ERC1967Proxy(reserved, abi.encodeCall(Reserved.reserve, ())));
    }

    function _upgradeAll() private {
        address authority = address(manager);
        UUPSUpgradeable(address(settlement)).upgradeToAndCall(
            address(new EpochSettlement(flk, usd, address(vault), staking, parameters)),
            abi.encodeCall(
                settlement.initialize,
                (
                    authority,
                    IEpochSettlementTypes.Limits(0, 1 days, type(uint64).max, type(uint128).max),
                    IEpochSettlementTypes.Delays(1 hours, 1 hours, 1 days),
                    IEpochSettlementTypes.Refund(0, 0)
                )
            )
        );
        UUPSUpgradeable(address(parameters)).upgradeToAndCall(
            address(new ProtocolParameters(settlement)),
            abi.encodeCall(ProtocolParameters.initialize, (authority, parameterList()))
        );
        UUPSUpgradeable(address(votes)).upgradeToAndCall(
            address(new FlkVotes(flk, address(staking))),
            abi.encodeCall(FlkVotes.initialize, (authority))
        );
        UUPSUpgradeable(address(staking)).upgradeToAndCall(
            address(new NodeStaking(flk, parameters, address(settlement), address(slasher), votes)),
            abi.encodeCall(NodeStaking.initialize, (authority))
        );
        UUPSUpgradeable(address(slasher)).upgradeToAndCall(
            address(new Slasher(staking, parameters, settlement)),
            abi.encodeCall(Slasher.initialize, (authority))
        );
        UUPSUpgradeable(address(vault)).upgradeToAndCall(
            address(new ClientVault(usd, settlement)),
            abi.encodeCall(ClientVault.initialize, (authority, 0))
        );
    }
}
