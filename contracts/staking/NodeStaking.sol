// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {AsciiText} from "../libraries/AsciiText.sol";
import {Bls12381} from "../libraries/Bls12381.sol";
import {CodeStorage} from "../libraries/CodeStorage.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";

/// @title Implementation of {INodeStaking}, which says what it does
contract NodeStaking is INodeStaking, AccessManaged {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    uint256 private constant MAX_ENDPOINT_BYTES = 512;
    uint256 private constant MAX_REQUESTS = 32;
    uint32 private constant MAX_NODE_ID = (1 << 24) - 1;
    bytes32 private constant THAW_PERIOD = "thawPeriod";

    /// @inheritdoc INodeStaking
    IERC20 public immutable flk;
    /// @notice Where the thawing period is read.
    IProtocolParameters public immutable parameters;

    /// @inheritdoc INodeStaking
    uint32 public nodeCount;
    /// @inheritdoc INodeStaking
    mapping(bytes32 keyHash => bool used) public isKeyUsed;
    /// @inheritdoc INodeStaking
    mapping(bytes32 networkKey => bool used) public isNetworkKeyUsed;

    address private _settlement;
    uint128 private _totalStaked;
    uint128 private _totalThawing;
    mapping(uint32 nodeId => NodeInfo info) private _nodes;
    mapping(uint64 keyId => address pointer) private _keys;
    mapping(uint32 nodeId => ThawingRequest[] requests) private _requests;
    mapping(uint32 nodeId => uint64 count) private _requestCounts;

    modifier onlyOwner(uint32 nodeId) {
        address owner = _node(nodeId).owner;
        if (owner != msg.sender) revert NotNodeOwner(nodeId, msg.sender);
        _;
    }

    constructor(address authority, IERC20 token, IProtocolParameters protocolParameters) AccessManaged(authority) {
        flk = token;
        parameters = protocolParameters;
    }

    /// @inheritdoc INodeStaking
    function bindSettlement(address settlement) external restricted {
        if (_settlement != address(0)) revert SettlementAlreadyBound(_settlement);
        if (settlement == address(0)) revert SettlementNotBound();
        _settlement = settlement;
        emit SettlementBound(settlement, networkId());
    }

    /// @inheritdoc INodeStaking
    function register(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints
    ) external returns (uint32) {
        return _register(key, proof, networkKey, endpoints);
    }

    /// @inheritdoc INodeStaking
    function registerWithStake(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints,
        uint256 amount
    ) external returns (uint32 nodeId) {
        nodeId = _register(key, proof, networkKey, endpoints);
        _stake(nodeId, amount);
    }

    /// @inheritdoc INodeStaking
    function stake(uint32 nodeId, uint256 amount) external onlyOwner(nodeId) {
        _stake(nodeId, amount);
    }

    /// @inheritdoc INodeStaking
    function stakeWithPermit(
        uint32 nodeId,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external onlyOwner(nodeId) {
        try IERC20Permit(address(flk)).permit(msg.sender, address(this), amount, deadline, v, r, s) {
            _stake(nodeId, amount);
        } catch {
            // Anyone may have submitted the permit first; then the allowance is there.
            if (flk.allowance(msg.sender, address(this)) < amount) revert PermitFailed();
            _stake(nodeId, amount);
        }
    }

    /// @inheritdoc INodeStaking
    function requestUnstake(uint32 nodeId, uint256 amount) external onlyOwner(nodeId) returns (uint64 requestId) {
        if (amount == 0) revert ZeroAmount();
        NodeInfo storage info = _nodes[nodeId];
        if (amount > info.staked) revert InsufficientStake(nodeId, amount, info.staked);
        ThawingRequest[] storage requests = _requests[nodeId];
        if (requests.length == MAX_REQUESTS) revert TooManyRequests(nodeId);

        uint128 moved = uint128(amount);
        requestId = _requestCounts[nodeId]++;
        uint64 maturesAt = (block.timestamp + parameters.get(THAW_PERIOD)).toUint64();
        requests.push(ThawingRequest(requestId, maturesAt, moved));
        info.staked -= moved;
        info.thawing += moved;
        _totalStaked -= moved;
        _totalThawing += moved;
        emit UnstakeRequested(nodeId, requestId, amount, maturesAt);
        emit StakeChanged(nodeId, info.staked, info.thawing);
    }

    /// @inheritdoc INodeStaking
    function withdraw(uint32 nodeId, uint64 requestId, address to) external onlyOwner(nodeId) {
        ThawingRequest[] storage requests = _requests[nodeId];
        for (uint256 i = 0; i < requests.length; i++) {
            if (requests[i].id != requestId) continue;
            uint64 maturesAt = requests[i].maturesAt;
            if (maturesAt > block.timestamp) revert StillThawing(nodeId, requestId, maturesAt);
            _pay(nodeId, to, _remove(nodeId, to, i));
            return;
        }
        revert UnknownRequest(nodeId, requestId);
    }

    /// @inheritdoc INodeStaking
    function withdrawMatured(uint32 nodeId, address to) external onlyOwner(nodeId) returns (uint256) {
        ThawingRequest[] storage requests = _requests[nodeId];
        uint128 amount = 0;
        for (uint256 i = requests.length; i > 0; i--) {
            if (requests[i - 1].maturesAt <= block.timestamp) amount += _remove(nodeId, to, i - 1);
        }
        if (amount == 0) revert NothingMatured(nodeId);
        _pay(nodeId, to, amount);
        return amount;
    }

    /// @inheritdoc INodeStaking
    function setEndpoints(uint32 nodeId, string calldata endpoints) external onlyOwner(nodeId) {
        _requireEndpoints(endpoints);
        emit EndpointsSet(nodeId, endpoints);
    }

    /// @inheritdoc INodeStaking
    function node(uint32 nodeId) external view returns (NodeInfo memory) {
        return _node(nodeId);
    }

    /// @inheritdoc INodeStaking
    function keyOf(uint32 nodeId, uint32 keyVersion) external view returns (bytes memory) {
        return CodeStorage.read(_pointer((uint64(nodeId) << 32) | keyVersion));
    }

    /// @inheritdoc INodeStaking
    function sumOfKeys(uint64[] calldata keyIds) external view returns (bytes memory sum) {
        sum = Bls12381.infinity();
        for (uint256 i = 0; i < keyIds.length; ++i) {
            Bls12381.addFromCode(sum, _pointer(keyIds[i]));
        }
    }

    /// @inheritdoc INodeStaking
    function proofMessage(address owner, bytes calldata key) external view returns (bytes32) {
        return ConsensusMessage.ofPossession(networkId(), owner, key);
    }

    /// @inheritdoc INodeStaking
    function thawingRequests(uint32 nodeId) external view returns (ThawingRequest[] memory) {
        return _requests[nodeId];
    }

    /// @inheritdoc INodeStaking
    function totals() external view returns (uint256 staked, uint256 thawing) {
        return (_totalStaked, _totalThawing);
    }

    /// @inheritdoc INodeStaking
    function networkId() public view returns (bytes32) {
        if (_settlement == address(0)) revert SettlementNotBound();
        return ConsensusMessage.networkId(_settlement);
    }

    function _register(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints
    ) private returns (uint32 nodeId) {
        if (networkKey == 0) revert ZeroNetworkKey();
        _requireEndpoints(endpoints);
        bytes32 keyHash = keccak256(key);
        if (isKeyUsed[keyHash]) revert KeyAlreadyUsed(keyHash);
        if (isNetworkKeyUsed[networkKey]) revert NetworkKeyAlreadyUsed(networkKey);
        if (nodeCount == MAX_NODE_ID) revert TooManyNodes();
        bytes32 message = ConsensusMessage.ofPossession(networkId(), msg.sender, key);
        if (!Bls12381.verify(key, message, proof)) revert InvalidProofOfPossession();

        nodeId = ++nodeCount;
        isKeyUsed[keyHash] = true;
        isNetworkKeyUsed[networkKey] = true;
        _keys[uint64(nodeId) << 32] = CodeStorage.write(key);
        NodeInfo storage info = _nodes[nodeId];
        info.owner = msg.sender;
        info.networkKey = networkKey;
        emit NodeRegistered(nodeId, msg.sender, 0, key, networkKey, endpoints);
    }

    function _stake(uint32 nodeId, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        NodeInfo storage info = _nodes[nodeId];
        uint128 added = amount.toUint128();
        info.staked += added;
        _totalStaked += added;
        emit StakeChanged(nodeId, info.staked, info.thawing);
        flk.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _remove(uint32 nodeId, address to, uint256 index) private returns (uint128 amount) {
        ThawingRequest[] storage requests = _requests[nodeId];
        amount = requests[index].amount;
        emit Withdrawn(nodeId, to, requests[index].id, amount);
        requests[index] = requests[requests.length - 1];
        requests.pop();
    }

    function _pay(uint32 nodeId, address to, uint128 amount) private {
        if (to == address(0)) revert ZeroRecipient();
        NodeInfo storage info = _nodes[nodeId];
        info.thawing -= amount;
        _totalThawing -= amount;
        emit StakeChanged(nodeId, info.staked, info.thawing);
        flk.safeTransfer(to, amount);
    }

    function _node(uint32 nodeId) private view returns (NodeInfo storage info) {
        info = _nodes[nodeId];
        if (info.owner == address(0)) revert UnknownNode(nodeId);
    }

    function _pointer(uint64 keyId) private view returns (address pointer) {
        pointer = _keys[keyId];
        if (pointer == address(0)) revert UnknownKey(uint32(keyId >> 32), uint32(keyId));
    }

    function _requireEndpoints(string calldata endpoints) private pure {
        uint256 length = bytes(endpoints).length;
        if (length > MAX_ENDPOINT_BYTES) revert EndpointsTooLong(length);
        if (!AsciiText.isVisible(endpoints)) revert InvalidEndpoints();
    }
}
