// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {ISlasher} from "../interfaces/ISlasher.sol";
import {Bls12381} from "../libraries/Bls12381.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";

/// @title Implementation of {ISlasher}, which says what it does
contract Slasher is ISlasher, AccessManagedUpgradeable, UUPSUpgradeable {
    using BitMaps for BitMaps.BitMap;

    struct SlashList {
        ListState state;
        uint32 applied;
    }

    struct Terms {
        uint256 slashBps;
        uint256 rewardBps;
    }

    /// @dev What became of the common signers. The last of each, 0 when there is none.
    struct Outcome {
        /// wei, of all
        uint256 slashed;
        /// was slashed for the epoch before
        uint32 before;
        /// has no stake
        uint32 poor;
        /// was not in force in the epoch
        uint64 idleKey;
    }

    uint256 private constant BPS = 10_000;
    uint8 private constant LAST_KIND = 4;
    uint256 private constant ENTRY = 20;
    /// @dev 50 nodes with 32 thawing requests each fit a block.
    uint256 private constant ENTRIES_PER_CALL = 50;
    bytes32 private constant MAX_PER_EPOCH = "maxSlashPerEpoch";

    /// @inheritdoc ISlasher
    INodeStaking public immutable staking;
    /// @inheritdoc ISlasher
    IProtocolParameters public immutable parameters;
    /// @inheritdoc ISlasher
    IEpochSettlement public immutable settlement;

    mapping(uint32 nodeId => BitMaps.BitMap epochs) private _slashedIn;
    mapping(uint64 epoch => SlashList list) private _lists;

    constructor(INodeStaking nodeStaking, IProtocolParameters protocolParameters, IEpochSettlement epochSettlement) {
        staking = nodeStaking;
        parameters = protocolParameters;
        settlement = epochSettlement;
        _disableInitializers();
    }

    /// @notice Sets the authority, once.
    function initialize(address authority) external initializer {
        __AccessManaged_init(authority);
    }

    /// @inheritdoc ISlasher
    function slashEquivocation(Evidence calldata evidence, address reporter) external returns (uint256 slashed) {
        if (reporter == address(0)) revert ZeroReporter();
        _requireWellFormed(evidence);
        _requireRecent(evidence.epoch);
        _requireSigned(evidence);

        Outcome memory outcome = _slashCommon(evidence, reporter);
        if (outcome.slashed != 0) return outcome.slashed;
        if (outcome.before != 0) revert AlreadySlashed(outcome.before, evidence.epoch);
        if (outcome.idleKey != 0) {
            revert KeyNotInForce(uint32(outcome.idleKey >> 32), uint32(outcome.idleKey), evidence.epoch);
        }
        if (outcome.poor != 0) revert NothingToSlash(outcome.poor);
        revert NoCommonSigner();
    }

    /// @inheritdoc ISlasher
    function slashListed(uint64 epoch, bytes calldata list) external returns (uint256 slashed) {
        _requireCertified(epoch, keccak256(list));
        SlashList memory progress = _lists[epoch];
        if (progress.state == ListState.Voided || progress.state == ListState.Applied) {
            revert SlashListClosed(epoch, progress.state);
        }
        if (progress.applied == 0) _requireAllowed(list, progress.state);

        uint256 entries = list.length / ENTRY;
        uint256 end = Math.min(progress.applied + ENTRIES_PER_CALL, entries);
        ListState state = end == entries ? ListState.Applied : progress.state;
        _lists[epoch] = SlashList(state, uint32(end));
        for (uint256 i = progress.applied; i < end; ++i) {
            (uint32 nodeId, uint128 amount) = _entry(list, i);
            slashed += staking.slash(nodeId, amount, address(0), 0);
        }
        emit SlashListApplied(epoch, end, entries, slashed);
    }

    /// @inheritdoc ISlasher
    function releaseSlashList(uint64 epoch) external restricted {
        _requireKnown(epoch);
        ListState state = _lists[epoch].state;
        if (state != ListState.Open) revert SlashListClosed(epoch, state);
        _lists[epoch].state = ListState.Released;
        emit SlashListReleased(epoch);
    }

    /// @inheritdoc ISlasher
    function voidSlashList(uint64 epoch) external restricted {
        _requireKnown(epoch);
        ListState state = _lists[epoch].state;
        if (state == ListState.Voided || state == ListState.Applied) revert SlashListClosed(epoch, state);
        _lists[epoch].state = ListState.Voided;
        emit SlashListVoided(epoch);
    }

    /// @inheritdoc ISlasher
    function isSlashed(uint32 nodeId, uint64 epoch) external view returns (bool) {
        return _slashedIn[nodeId].get(epoch);
    }

    /// @inheritdoc ISlasher
    function slashList(uint64 epoch) external view returns (ListState state, uint32 applied) {
        SlashList storage list = _lists[epoch];
        return (list.state, list.applied);
    }

    /// @inheritdoc ISlasher
    function consensusMessage(uint8 kind, uint64 epoch, uint256 slot, bytes32 payload) public view returns (bytes32) {
        bytes32 network = ConsensusMessage.networkId(address(settlement));
        return ConsensusMessage.ofPayload(network, kind, epoch, slot, payload);
    }

    function _authorizeUpgrade(address) internal override restricted {}

    /// @dev Walks both ascending lists of signers together.
    function _slashCommon(Evidence calldata evidence, address reporter) private returns (Outcome memory outcome) {
        Terms memory terms;
        (terms.slashBps, terms.rewardBps) = parameters.slashing();
        (uint256 a, uint256 b) = (0, 0);
        while (a < evidence.signersA.length && b < evidence.signersB.length) {
            (uint64 keyA, uint64 keyB) = (evidence.signersA[a], evidence.signersB[b]);
            if (keyA <= keyB) a++;
            if (keyB <= keyA) b++;
            if (keyA == keyB) _slash(evidence, keyA, terms, reporter, outcome);
        }
    }

    /// @dev Without stake there is nothing to take, and the epoch stays open for the node: stake that comes later answers for it.
    function _slash(
        Evidence calldata evidence,
        uint64 keyId,
        Terms memory terms,
        address reporter,
        Outcome memory outcome
    ) private {
        uint32 nodeId = uint32(keyId >> 32);
        if (_slashedIn[nodeId].get(evidence.epoch)) {
            outcome.before = nodeId;
            return;
        }
        (uint256 available, uint64 fromEpoch, uint64 replacedFrom) = staking.liabilityOf(keyId);
        if (!_isInForce(evidence.epoch, fromEpoch, replacedFrom)) {
            outcome.idleKey = keyId;
            return;
        }
        // Rounded up, so that the last wei can be taken too.
        uint256 amount = Math.ceilDiv(available * terms.slashBps, BPS);
        if (amount == 0) {
            outcome.poor = nodeId;
            return;
        }
        _slashedIn[nodeId].set(evidence.epoch);
        outcome.slashed += staking.slash(nodeId, amount, reporter, (amount * terms.rewardBps) / BPS);
        emit EquivocationSlashed(nodeId, evidence.epoch, evidence.kind, evidence.slot);
    }

    /// @dev A key that was replaced may be named by the committee that was drawn already, and by the next one when the chain is ahead of what
    /// is posted. A restart seats the committee that was last named.
    function _isInForce(uint64 epoch, uint64 fromEpoch, uint64 replacedFrom) private view returns (bool) {
        if (epoch < fromEpoch) return false;
        if (epoch <= replacedFrom) return true;
        return settlement.epochsBetween(replacedFrom, epoch) <= ConsensusMessage.MAX_AHEAD;
    }

    function _requireRecent(uint64 epoch) private view {
        (uint256 age, uint64 latest) = settlement.ageOf(epoch);
        if (epoch > latest) revert EpochTooLate(epoch, latest);
        // Every window takes in the epoch before, as whoever shows an equivocation at once need not pay for.
        if (age <= 1) return;
        uint256 maxAge = parameters.evidenceEpochs();
        if (age > maxAge) revert EpochTooOld(epoch, age, maxAge);
    }

    function _requireWellFormed(Evidence calldata evidence) private pure {
        if (evidence.kind == 0 || evidence.kind > LAST_KIND) revert UnknownKind(evidence.kind);
        if (evidence.payloadA == evidence.payloadB) revert SamePayload(evidence.payloadA);
        _requireAscending(evidence.signersA);
        _requireAscending(evidence.signersB);
    }

    function _requireSigned(Evidence calldata evidence) private view {
        (uint8 kind, uint64 epoch, uint256 slot) = (evidence.kind, evidence.epoch, evidence.slot);
        bytes32 messageA = consensusMessage(kind, epoch, slot, evidence.payloadA);
        bytes32 messageB = consensusMessage(kind, epoch, slot, evidence.payloadB);
        bytes memory keyA = staking.sumOfKeys(evidence.signersA);
        bytes memory keyB =
            _areSame(evidence.signersA, evidence.signersB) ? keyA : staking.sumOfKeys(evidence.signersB);
        bool valid = Bls12381.verifyBoth(keyA, messageA, keyB, messageB, evidence.signature);
        if (!valid) revert InvalidSignature();
    }

    function _requireKnown(uint64 epoch) private view returns (bytes32 listHash) {
        listHash = settlement.slashListHash(epoch);
        if (listHash == 0) revert UnknownSlashList(epoch);
    }

    function _requireCertified(uint64 epoch, bytes32 listHash) private view {
        bytes32 expected = _requireKnown(epoch);
        if (listHash != expected) revert WrongSlashList(listHash, expected);
    }

    /// @dev Once per list: what was found allowed stays so.
    function _requireAllowed(bytes calldata list, ListState state) private view {
        uint256 entries = list.length / ENTRY;
        if (list.length % ENTRY != 0) revert MalformedSlashList();
        uint256 sum = 0;
        uint32 last = 0;
        for (uint256 i = 0; i < entries; ++i) {
            (uint32 nodeId, uint128 amount) = _entry(list, i);
            if (nodeId <= last) revert MalformedSlashList();
            last = nodeId;
            sum += amount;
        }
        uint256 cap = parameters.get(MAX_PER_EPOCH);
        if (sum > cap && state != ListState.Released) revert SlashListAboveCap(sum, cap);
    }

    function _requireAscending(uint64[] calldata signers) private pure {
        for (uint256 i = 1; i < signers.length; ++i) {
            if (signers[i] <= signers[i - 1]) revert SignersNotAscending(signers[i - 1], signers[i]);
        }
    }

    function _areSame(uint64[] calldata a, uint64[] calldata b) private pure returns (bool) {
        return keccak256(abi.encodePacked(a)) == keccak256(abi.encodePacked(b));
    }

    /// @dev `index` must be below the number of entries.
    function _entry(bytes calldata list, uint256 index) private pure returns (uint32 nodeId, uint128 amount) {
        uint256 start = index * ENTRY;
        nodeId = uint32(bytes4(list[start:start + 4]));
        amount = uint128(bytes16(list[start + 4:start + ENTRY]));
    }
}
