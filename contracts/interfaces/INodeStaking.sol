// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {IFlkVotes} from "./IFlkVotes.sol";
import {IProtocolParameters} from "./IProtocolParameters.sol";
import {ITimedPause} from "./ITimedPause.sol";

interface INodeStakingErrors {
    /// @notice No node with this id.
    error UnknownNode(uint32 nodeId);
    /// @notice Neither the owner of the node nor, where it may act, its operator.
    error NotNodeOwner(uint32 nodeId, address caller);
    /// @notice A consensus key is registered once, ever, whoever holds it.
    error KeyAlreadyUsed(bytes32 keyHash);
    /// @notice The proof of possession is not a signature of this key for this owner on this network.
    error InvalidProofOfPossession();
    /// @notice A node rotates its key once per epoch: the newest one acts from `fromEpoch` on.
    error RotatedThisEpoch(uint32 nodeId, uint64 fromEpoch);
    /// @notice The node registered in epoch `fromEpoch`: no key of it acts before.
    error NoKeyYet(uint32 nodeId, uint64 fromEpoch);
    /// @notice No consensus key of this node in this version.
    error UnknownKey(uint32 nodeId, uint32 keyVersion);
    /// @notice An Ed25519 key is not zero.
    error ZeroNetworkKey();
    /// @notice A network key is registered once, ever, whoever holds it.
    error NetworkKeyAlreadyUsed(bytes32 networkKey);
    /// @notice Endpoints take at most 512 bytes.
    error EndpointsTooLong(uint256 length);
    /// @notice Endpoints are visible ASCII, bytes 0x21 to 0x7e.
    error InvalidEndpoints();
    /// @notice There are 2^24 - 1 nodes.
    error TooManyNodes();
    /// @notice Nothing to stake or unstake.
    error ZeroAmount();
    /// @notice The stake is locked until `lockedUntil` (Unix seconds).
    error StillLocked(uint32 nodeId, uint64 lockedUntil);
    /// @notice A lock would end at `lockedUntil`, before the present end `current` (Unix seconds).
    error LockShortened(uint32 nodeId, uint64 lockedUntil, uint64 current);
    /// @notice A lock of `duration` seconds, `max` are allowed.
    error LockTooLong(uint64 duration, uint256 max);
    /// @notice `amount` wei asked, `staked` wei there.
    error InsufficientStake(uint32 nodeId, uint256 amount, uint256 staked);
    /// @notice A node has at most 32 requests thawing.
    error TooManyRequests(uint32 nodeId);
    /// @notice No such request, or it was withdrawn.
    error UnknownRequest(uint32 nodeId, uint64 requestId);
    /// @notice The request thaws until `maturesAt` (Unix seconds).
    error StillThawing(uint32 nodeId, uint64 requestId, uint64 maturesAt);
    /// @notice No request of the node has matured.
    error NothingMatured(uint32 nodeId);
    /// @notice Stake cannot leave to the zero address, nor rewards go there.
    error ZeroRecipient();
    /// @notice Only the slasher slashes.
    error NotSlasher(address caller);
    /// @notice The permit failed and the allowance does not cover the stake.
    error PermitFailed();
}

interface INodeStakingTypes {
    struct NodeInfo {
        address owner;
        /// version of the newest consensus key
        uint32 keyVersion;
        /// wants to be drawn into committees; a slash ends it
        bool optedIn;
        /// may run the node, not move its funds; zero when none is named
        address operator;
        /// who the protocol chain credits for the node
        address payee;
        /// Unix seconds
        uint64 lockedUntil;
        /// Ed25519
        bytes32 networkKey;
        /// wei
        uint128 staked;
        /// wei, not yet withdrawn, matured or not
        uint128 thawing;
        /// wei, cumulative
        uint128 slashed;
    }

    struct ThawingRequest {
        uint64 id;
        /// Unix seconds
        uint64 maturesAt;
        /// wei
        uint128 amount;
    }
}

interface INodeStakingEvents {
    /// @notice A node exists, opted in, its owner being the payee. `key`: EIP-2537 G1; `networkKey`: Ed25519. Its possession is not proven here.
    event NodeRegistered(
        uint32 indexed nodeId,
        address indexed owner,
        uint32 keyVersion,
        bytes key,
        bytes32 networkKey,
        string endpoints
    );
    /// @notice Stake of the node after the change, wei.
    event StakeChanged(uint32 indexed nodeId, uint256 staked, uint256 thawing);
    /// @notice `amount` wei may leave from `maturesAt` (Unix seconds) on.
    event UnstakeRequested(uint32 indexed nodeId, uint64 requestId, uint256 amount, uint64 maturesAt);
    /// @notice A request was cancelled: its `amount` wei are stake again.
    event UnstakeCancelled(uint32 indexed nodeId, uint64 requestId, uint256 amount);
    /// @notice `amount` wei of one request left to `to`.
    event Withdrawn(uint32 indexed nodeId, address indexed to, uint64 requestId, uint256 amount);
    /// @notice Stake cannot be unstaked before `lockedUntil` (Unix seconds).
    event StakeLocked(uint32 indexed nodeId, uint64 lockedUntil);
    /// @notice `amount` wei were taken, from stake and every thawing request alike; `reporter` got `reward` of it, the rest was burned.
    event Slashed(uint32 indexed nodeId, uint256 amount, address indexed reporter, uint256 reward);
    /// @notice Where the node is reached.
    event EndpointsSet(uint32 indexed nodeId, string endpoints);
    /// @notice Who may run the node; zero for nobody but the owner.
    event OperatorSet(uint32 indexed nodeId, address indexed operator);
    /// @notice Who the protocol chain credits for the node.
    event PayeeSet(uint32 indexed nodeId, address indexed payee);
    /// @notice Whether the node wants to be drawn into committees.
    event ParticipationSet(uint32 indexed nodeId, bool optedIn);
    /// @notice A new consensus key, EIP-2537 G1, with its possession proven. It acts from the next committee draw, which is for
    /// `fromEpoch` at the earliest; committees name the versions of their members, and those count.
    event KeyRotated(uint32 indexed nodeId, uint32 keyVersion, bytes key, uint64 fromEpoch);
    /// @notice A new Ed25519 key. Its possession is not proven here.
    event NetworkKeyRotated(uint32 indexed nodeId, bytes32 networkKey);
}

/// @title Registry and stake of nodes
/// @notice Node ids start at 1 and are never reused; consensus keys are append-only by (nodeId, keyVersion), and no key is ever registered
/// twice. Only the owner moves funds; the operator that it names may run the node. Stake leaves by thawing, and is slashed until it left.
/// Staked FLK keeps its votes. Invariant: the FLK held covers the sum of staked and thawing, and equals it unless someone transferred FLK
/// here directly. A pause stops `register`, `registerWithStake`, `stake` and `stakeWithPermit`, nothing else.
/// @dev Keys are subgroup-checked once, by the pairing of the proof of possession, so that sums of them need no further check. Assumes that
/// FLK takes no fee and calls nobody back. Warning: a network key is not proven to be held by who registers it; whoever sees a registration
/// on its way may register that network key first, which costs the victim a new network key and nothing else.
interface INodeStaking is ITimedPause, INodeStakingErrors, INodeStakingTypes, INodeStakingEvents {
    /// @notice Registers a node of the caller.
    /// @param key consensus key, EIP-2537 G1, 128 bytes
    /// @param proof its proof of possession, EIP-2537 G2, 256 bytes, over `proofMessage(caller, key)`
    /// @param networkKey Ed25519 public key, of no node before
    /// @param endpoints multiaddresses, comma-separated: at most 512 bytes of visible ASCII; only in the event
    function register(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints
    ) external returns (uint32 nodeId);

    /// @notice `register`, then `stake` of `amount` wei.
    function registerWithStake(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints,
        uint256 amount
    ) external returns (uint32 nodeId);

    /// @notice Takes `amount` wei of the caller, owner or operator, as stake of the node. It belongs to the owner.
    function stake(uint32 nodeId, uint256 amount) external;

    /// @notice As `stake`, with an ERC-2612 permit of the caller for this contract.
    function stakeWithPermit(uint32 nodeId, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Locks all stake of the node, now and later, for `duration` seconds from now, which cannot end before the present lock.
    /// Only the owner. Locked stake earns a boost; it is slashed as any other.
    function lock(uint32 nodeId, uint64 duration) external;

    /// @notice Starts to thaw `amount` wei for the governed period. Only the owner. Thawing stake no longer counts for eligibility.
    function requestUnstake(uint32 nodeId, uint256 amount) external returns (uint64 requestId);

    /// @notice Makes what is left of a request stake again. Only the owner.
    function cancelUnstake(uint32 nodeId, uint64 requestId) external;

    /// @notice Pays one matured request to `to`. Only the owner.
    function withdraw(uint32 nodeId, uint64 requestId, address to) external;

    /// @notice Pays every matured request to `to`; reverts when there is none. Only the owner.
    /// @return amount wei paid
    function withdrawMatured(uint32 nodeId, address to) external returns (uint256 amount);

    /// @notice Takes up to `amount` wei from stake and every thawing request, in proportion; all of it when there is no more, which ends every
    /// request. Opts the node out. Pays up to `reward` wei of what it took to `reporter` and burns the rest. Only the slasher.
    /// @return slashed wei taken; 0 when the node has nothing or does not exist
    function slash(uint32 nodeId, uint256 amount, address reporter, uint256 reward) external returns (uint256 slashed);

    /// @notice Replaces the consensus key, from the next committee draw on. Owner or operator, once per epoch. Keys before it stay
    /// slashable.
    /// @param proof of possession over `proofMessage(owner, key)`
    function rotateKeys(uint32 nodeId, bytes calldata key, bytes calldata proof) external;

    /// @notice Replaces the Ed25519 key. Owner or operator.
    function rotateNetworkKey(uint32 nodeId, bytes32 networkKey) external;

    /// @notice Announces where the node is reached. Owner or operator.
    function setEndpoints(uint32 nodeId, string calldata endpoints) external;

    /// @notice Says whether the node wants to be drawn into committees. Owner or operator.
    function setParticipation(uint32 nodeId, bool optedIn) external;

    /// @notice Names who may run the node beside the owner; zero for nobody. Only the owner.
    function setOperator(uint32 nodeId, address operator) external;

    /// @notice Names who the protocol chain credits for the node. Only the owner.
    function setPayee(uint32 nodeId, address payee) external;

    /// @notice What the contract keeps about a node.
    function node(uint32 nodeId) external view returns (NodeInfo memory);

    /// @notice Up to `count` nodes in the order of their ids, from `from` (at least 1) on.
    function nodes(uint32 from, uint32 count) external view returns (NodeInfo[] memory);

    /// @notice The most that was ever staked for the node at once, wei, rounded up to whole FLK; from 2^24 - 1 FLK on, the highest number.
    /// What was unstaked, withdrawn or slashed since does not lower it.
    function stakeBound(uint32 nodeId) external view returns (uint256);

    /// @notice What a slash could take, wei: staked and thawing; 0 when there is no such node.
    function slashable(uint32 nodeId) external view returns (uint256);

    /// @notice What a key answers for. Reverts with UnknownKey.
    /// @param keyId nodeId * 2^32 + keyVersion
    /// @return available wei that a slash of its node could take: staked and thawing
    /// @return fromEpoch the first epoch that it may act in
    /// @return replacedFrom the same of the version after it, at which a committee that was drawn before may still name this one; the highest
    /// number when it is the newest
    function liabilityOf(uint64 keyId) external view returns (uint256 available, uint64 fromEpoch, uint64 replacedFrom);

    /// @notice Consensus key by version, EIP-2537 G1.
    function keyOf(uint32 nodeId, uint32 keyVersion) external view returns (bytes memory);

    /// @notice Whose key this keccak256 is, and the first epoch that it may act in; all zeros when none.
    function keyOwner(bytes32 keyHash) external view returns (uint32 nodeId, uint32 keyVersion, uint64 fromEpoch);

    /// @notice The newest version that may act in `epoch`: each from its `fromEpoch` on, which is for the first the epoch that was posted next when
    /// the node registered. Reverts with NoKeyYet before that.
    function keyVersionAt(uint32 nodeId, uint64 epoch) external view returns (uint32 keyVersion);

    /// @notice Sum of consensus keys, each named by nodeId * 2^32 + keyVersion. Infinity for none.
    function sumOfKeys(uint64[] calldata keyIds) external view returns (bytes memory);

    /// @notice True once a key with this keccak256 was registered.
    function isKeyUsed(bytes32 keyHash) external view returns (bool);

    /// @notice True once a node registered this Ed25519 key.
    function isNetworkKeyUsed(bytes32 networkKey) external view returns (bool);

    /// @notice The 32 bytes that a consensus key signs to be registered by `owner`.
    function proofMessage(address owner, bytes calldata key) external view returns (bytes32);

    /// @notice Requests not yet withdrawn, in no particular order.
    function thawingRequests(uint32 nodeId) external view returns (ThawingRequest[] memory);

    /// @notice Number of nodes; ids run from 1 to it.
    function nodeCount() external view returns (uint32);

    /// @notice Sums over all nodes, wei.
    function totals() external view returns (uint256 staked, uint256 thawing);

    /// @notice keccak256(abi.encode(chainid, settlement)).
    function networkId() external view returns (bytes32);

    /// @notice The token staked.
    function flk() external view returns (IERC20);

    /// @notice Where periods are read.
    function parameters() external view returns (IProtocolParameters);

    /// @notice The settlement, whose address names the network and whose epochs date key rotations.
    function settlement() external view returns (IEpochClock);

    /// @notice Who slashes.
    function slasher() external view returns (address);

    /// @notice Where staked votes are kept.
    function votes() external view returns (IFlkVotes);
}
