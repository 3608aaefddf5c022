// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

interface INodeStakingErrors {
    /// @notice The network is known only once the settlement is bound.
    error SettlementNotBound();
    /// @notice The settlement is bound once.
    error SettlementAlreadyBound(address settlement);
    /// @notice No node with this id.
    error UnknownNode(uint32 nodeId);
    /// @notice Only the owner may touch a node.
    error NotNodeOwner(uint32 nodeId, address caller);
    /// @notice A consensus key is registered once, ever, whoever holds it.
    error KeyAlreadyUsed(bytes32 keyHash);
    /// @notice The proof of possession is not a signature of this key for this owner on this network.
    error InvalidProofOfPossession();
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
    /// @notice Stake cannot leave to the zero address.
    error ZeroRecipient();
    /// @notice The permit failed and the allowance does not cover the stake.
    error PermitFailed();
}

interface INodeStakingTypes {
    struct NodeInfo {
        address owner;
        /// version of the newest consensus key
        uint32 keyVersion;
        /// Ed25519
        bytes32 networkKey;
        /// wei
        uint128 staked;
        /// wei, not yet withdrawn, matured or not
        uint128 thawing;
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
    /// @notice The settlement that names the network.
    event SettlementBound(address settlement, bytes32 networkId);
    /// @notice A node exists. `key`: EIP-2537 G1; `networkKey`: Ed25519. Its possession is not proven here.
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
    /// @notice `amount` wei of one request left to `to`.
    event Withdrawn(uint32 indexed nodeId, address indexed to, uint64 requestId, uint256 amount);
    /// @notice Where the node is reached.
    event EndpointsSet(uint32 indexed nodeId, string endpoints);
}

/// @title Registry and stake of nodes
/// @notice Node ids start at 1 and are never reused; consensus keys are append-only by (nodeId, keyVersion). Invariant: the FLK
/// held covers the sum of staked and thawing, and equals it unless someone transferred FLK here directly.
/// @dev Keys are subgroup-checked once, by the pairing of the proof of possession, so that sums of them need no further check.
interface INodeStaking is INodeStakingErrors, INodeStakingTypes, INodeStakingEvents {
    /// @notice Binds the settlement contract, once. Only governance.
    function bindSettlement(address settlement) external;

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

    /// @notice Takes `amount` wei of the owner as stake of its node.
    function stake(uint32 nodeId, uint256 amount) external;

    /// @notice As `stake`, with an ERC-2612 permit of the owner for this contract.
    function stakeWithPermit(uint32 nodeId, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Starts to thaw `amount` wei for the governed period. Thawing stake no longer counts for eligibility.
    function requestUnstake(uint32 nodeId, uint256 amount) external returns (uint64 requestId);

    /// @notice Pays one matured request to `to`.
    function withdraw(uint32 nodeId, uint64 requestId, address to) external;

    /// @notice Pays every matured request to `to`; reverts when there is none.
    /// @return amount wei paid
    function withdrawMatured(uint32 nodeId, address to) external returns (uint256 amount);

    /// @notice Announces where the node is reached.
    function setEndpoints(uint32 nodeId, string calldata endpoints) external;

    /// @notice What the contract keeps about a node.
    function node(uint32 nodeId) external view returns (NodeInfo memory);

    /// @notice Consensus key by version, EIP-2537 G1.
    function keyOf(uint32 nodeId, uint32 keyVersion) external view returns (bytes memory);

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
}
