// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochClock} from "../interfaces/IEpochClock.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {AsciiText} from "../libraries/AsciiText.sol";
import {Bls12381} from "../libraries/Bls12381.sol";
import {CodeStorage} from "../libraries/CodeStorage.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";
import {TimedPause} from "../libraries/TimedPause.sol";

/// @title The part of {INodeStaking} that knows who runs a node, with which keys
/// @dev Packed so that a slash writes two slots of the node and one of the sums. FLK amounts fit 96 bits, as in the settlement.
abstract contract NodeRegistry is INodeStaking {
    struct Node {
        address owner;
        uint96 slashed;
        // next slot
        uint96 staked;
        uint96 thawing;
        uint32 keyVersion;
        bool optedIn;
        /// whole FLK, rounded up: the most that was staked at once; the highest value stands for all above
        uint24 peak;
        // next slot
        address operator;
        uint64 lockedUntil;
        uint32 requestCount;
        // next slot
        address payee;
        // next slot
        bytes32 networkKey;
    }

    struct Key {
        /// see {CodeStorage}
        address pointer;
        uint64 fromEpoch;
    }

    /// @dev One slot: everything that registering and staking read and write once for all nodes.
    struct Totals {
        uint24 nodes;
        uint40 pausedUntil;
        uint96 staked;
        uint96 thawing;
    }

    uint256 internal constant PEAK_UNIT = 1 ether;
    uint24 internal constant MAX_PEAK = type(uint24).max;
    uint256 private constant MAX_ENDPOINT_BYTES = 512;
    uint24 private constant MAX_NODE_ID = type(uint24).max;

    /// @inheritdoc INodeStaking
    IEpochClock public immutable settlement;

    /// @inheritdoc INodeStaking
    mapping(bytes32 networkKey => bool used) public isNetworkKeyUsed;

    Totals internal _totals;
    mapping(uint32 nodeId => Node info) internal _nodes;
    mapping(uint64 keyId => Key key) private _keys;
    mapping(bytes32 keyHash => uint64 keyId) private _keyIds;

    modifier onlyOwner(uint32 nodeId) {
        if (_node(nodeId).owner != msg.sender) revert NotNodeOwner(nodeId, msg.sender);
        _;
    }

    modifier onlyOwnerOrOperator(uint32 nodeId) {
        Node storage info = _node(nodeId);
        if (info.owner != msg.sender && info.operator != msg.sender) revert NotNodeOwner(nodeId, msg.sender);
        _;
    }

    constructor(IEpochClock epochs) {
        settlement = epochs;
    }

    /// @inheritdoc INodeStaking
    function rotateKeys(uint32 nodeId, bytes calldata key, bytes calldata proof) external onlyOwnerOrOperator(nodeId) {
        Node storage info = _nodes[nodeId];
        uint64 epoch = settlement.nextEpoch();
        uint32 keyVersion = info.keyVersion;
        uint64 newest = _keys[_keyId(nodeId, keyVersion)].fromEpoch;
        if (newest > epoch) revert RotatedThisEpoch(nodeId, newest);

        info.keyVersion = ++keyVersion;
        _addKey(_keyId(nodeId, keyVersion), info.owner, key, proof, epoch + 1);
        emit KeyRotated(nodeId, keyVersion, key, epoch + 1);
    }

    /// @inheritdoc INodeStaking
    function rotateNetworkKey(uint32 nodeId, bytes32 networkKey) external onlyOwnerOrOperator(nodeId) {
        _useNetworkKey(_nodes[nodeId], networkKey);
        emit NetworkKeyRotated(nodeId, networkKey);
    }

    /// @inheritdoc INodeStaking
    function setEndpoints(uint32 nodeId, string calldata endpoints) external onlyOwnerOrOperator(nodeId) {
        _requireEndpoints(endpoints);
        emit EndpointsSet(nodeId, endpoints);
    }

    /// @inheritdoc INodeStaking
    function setParticipation(uint32 nodeId, bool optedIn) external onlyOwnerOrOperator(nodeId) {
        _nodes[nodeId].optedIn = optedIn;
        emit ParticipationSet(nodeId, optedIn);
    }

    /// @inheritdoc INodeStaking
    function setOperator(uint32 nodeId, address operator) external onlyOwner(nodeId) {
        _nodes[nodeId].operator = operator;
        emit OperatorSet(nodeId, operator);
    }

    /// @inheritdoc INodeStaking
    function setPayee(uint32 nodeId, address payee) external onlyOwner(nodeId) {
        if (payee == address(0)) revert ZeroRecipient();
        _nodes[nodeId].payee = payee;
        emit PayeeSet(nodeId, payee);
    }

    /// @inheritdoc INodeStaking
    function node(uint32 nodeId) external view returns (NodeInfo memory) {
        return _info(_node(nodeId));
    }

    /// @inheritdoc INodeStaking
    function nodes(uint32 from, uint32 count) external view returns (NodeInfo[] memory page) {
        if (from == 0) revert UnknownNode(0);
        uint256 known = _totals.nodes;
        uint256 rest = from > known ? 0 : known + 1 - from;
        page = new NodeInfo[](count < rest ? count : rest);
        for (uint32 i = 0; i < page.length; ++i) page[i] = _info(_nodes[from + i]);
    }

    /// @inheritdoc INodeStaking
    function stakeBound(uint32 nodeId) external view returns (uint256) {
        uint24 peak = _node(nodeId).peak;
        return peak == MAX_PEAK ? type(uint256).max : peak * PEAK_UNIT;
    }

    /// @inheritdoc INodeStaking
    function slashable(uint32 nodeId) external view returns (uint256) {
        Node storage info = _nodes[nodeId];
        return uint256(info.staked) + info.thawing;
    }

    /// @inheritdoc INodeStaking
    function liabilityOf(
        uint64 keyId
    ) external view returns (uint256 available, uint64 fromEpoch, uint64 replacedFrom) {
        Node storage info = _nodes[uint32(keyId >> 32)];
        available = uint256(info.staked) + info.thawing;
        Key storage key = _keys[keyId];
        if (key.pointer == address(0)) revert UnknownKey(uint32(keyId >> 32), uint32(keyId));
        fromEpoch = key.fromEpoch;
        replacedFrom = uint32(keyId) == info.keyVersion ? type(uint64).max : _keys[keyId + 1].fromEpoch;
    }

    /// @inheritdoc INodeStaking
    function keyOf(uint32 nodeId, uint32 keyVersion) external view returns (bytes memory) {
        return CodeStorage.read(_pointer(_keyId(nodeId, keyVersion)));
    }

    /// @inheritdoc INodeStaking
    function keyOwner(bytes32 keyHash) external view returns (uint32 nodeId, uint32 keyVersion, uint64 fromEpoch) {
        uint64 keyId = _keyIds[keyHash];
        return (uint32(keyId >> 32), uint32(keyId), _keys[keyId].fromEpoch);
    }

    /// @inheritdoc INodeStaking
    function keyVersionAt(uint32 nodeId, uint64 epoch) external view returns (uint32 keyVersion) {
        uint32 above = _node(nodeId).keyVersion + 1;
        uint64 first = _keys[_keyId(nodeId, 0)].fromEpoch;
        if (epoch < first) revert NoKeyYet(nodeId, first);
        // First epochs ascend with the version: 0 may act, `above` never may.
        while (above - keyVersion > 1) {
            uint32 middle = keyVersion + (above - keyVersion) / 2;
            if (_keys[_keyId(nodeId, middle)].fromEpoch <= epoch) keyVersion = middle;
            else above = middle;
        }
    }

    /// @inheritdoc INodeStaking
    function sumOfKeys(uint64[] calldata keyIds) external view returns (bytes memory sum) {
        sum = Bls12381.infinity();
        for (uint256 i = 0; i < keyIds.length; ++i) {
            Bls12381.addFromCode(sum, _pointer(keyIds[i]));
        }
    }

    /// @inheritdoc INodeStaking
    function isKeyUsed(bytes32 keyHash) external view returns (bool) {
        return _keyIds[keyHash] != 0;
    }

    /// @inheritdoc INodeStaking
    function proofMessage(address owner, bytes calldata key) external view returns (bytes32) {
        return ConsensusMessage.ofPossession(networkId(), owner, key);
    }

    /// @inheritdoc INodeStaking
    function nodeCount() external view returns (uint32) {
        return _totals.nodes;
    }

    /// @inheritdoc INodeStaking
    function networkId() public view returns (bytes32) {
        return ConsensusMessage.networkId(address(settlement));
    }

    function _register(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints
    ) internal returns (uint32 nodeId) {
        TimedPause.requireNotPaused(_totals.pausedUntil);
        _requireEndpoints(endpoints);
        if (_totals.nodes == MAX_NODE_ID) revert TooManyNodes();
        nodeId = ++_totals.nodes;
        Node storage info = _nodes[nodeId];
        info.owner = msg.sender;
        info.optedIn = true;
        _requireUnused(key);
        _useNetworkKey(info, networkKey);
        _addKey(_keyId(nodeId, 0), msg.sender, key, proof, settlement.nextEpoch());
        emit NodeRegistered(nodeId, msg.sender, 0, key, networkKey, endpoints);
    }

    function _node(uint32 nodeId) internal view returns (Node storage info) {
        info = _nodes[nodeId];
        if (info.owner == address(0)) revert UnknownNode(nodeId);
    }

    function _addKey(uint64 keyId, address owner, bytes calldata key, bytes calldata proof, uint64 fromEpoch) private {
        bytes32 keyHash = _requireUnused(key);
        bytes32 message = ConsensusMessage.ofPossession(networkId(), owner, key);
        if (!Bls12381.verify(key, message, proof)) revert InvalidProofOfPossession();
        _keyIds[keyHash] = keyId;
        _keys[keyId] = Key(CodeStorage.write(key), fromEpoch);
    }

    function _requireUnused(bytes calldata key) private view returns (bytes32 keyHash) {
        keyHash = keccak256(key);
        if (_keyIds[keyHash] != 0) revert KeyAlreadyUsed(keyHash);
    }

    function _useNetworkKey(Node storage info, bytes32 networkKey) private {
        if (networkKey == 0) revert ZeroNetworkKey();
        if (isNetworkKeyUsed[networkKey]) revert NetworkKeyAlreadyUsed(networkKey);
        isNetworkKeyUsed[networkKey] = true;
        info.networkKey = networkKey;
    }

    function _pointer(uint64 keyId) private view returns (address pointer) {
        pointer = _keys[keyId].pointer;
        if (pointer == address(0)) revert UnknownKey(uint32(keyId >> 32), uint32(keyId));
    }

    function _info(Node storage info) private view returns (NodeInfo memory) {
        address owner = info.owner;
        address payee = info.payee;
        return
            NodeInfo({
                owner: owner,
                keyVersion: info.keyVersion,
                optedIn: info.optedIn,
                operator: info.operator,
                // Not written at registration, which saves a slot for those who never name another.
                payee: payee == address(0) ? owner : payee,
                lockedUntil: info.lockedUntil,
                networkKey: info.networkKey,
                staked: info.staked,
                thawing: info.thawing,
                slashed: info.slashed
            });
    }

    function _keyId(uint32 nodeId, uint32 keyVersion) private pure returns (uint64) {
        return (uint64(nodeId) << 32) | keyVersion;
    }

    function _requireEndpoints(string calldata endpoints) private pure {
        uint256 length = bytes(endpoints).length;
        if (length > MAX_ENDPOINT_BYTES) revert EndpointsTooLong(length);
        if (!AsciiText.isVisible(endpoints)) revert InvalidEndpoints();
    }
}
