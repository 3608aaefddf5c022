// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ISettlementControl} from "../interfaces/IEpochSettlement.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {Committee, CommitteeCertificate} from "../libraries/CommitteeCertificate.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";
import {SettlementDigest} from "../libraries/SettlementDigest.sol";
import {SettlementRecovery} from "./SettlementRecovery.sol";
import {SettlementState} from "./SettlementState.sol";
import {SettlementTerms} from "./SettlementTerms.sol";

/// @title Implementation of {ISettlementControl}: code that {EpochSettlement} runs on its own storage
/// @dev Called directly it finds empty storage that nobody can initialise.
contract SettlementControl is SettlementRecovery, SettlementTerms {
    bytes32 private constant MIN_STAKE = "minStake";
    uint256 private constant START_TOLERANCE = 1 days;

    constructor(
        IFLK token,
        IERC20 stablecoin,
        address clientVault,
        INodeStaking nodeStaking,
        IProtocolParameters protocolParameters
    ) SettlementState(token, stablecoin, clientVault, nodeStaking, protocolParameters) {
        _disableInitializers();
    }

    /// @notice Sets the authority and all terms, once.
    function initialize(address authority, Limits calldata limits_, Delays calldata delays_) external initializer {
        __AccessManaged_init(authority);
        _setLimits(limits_);
        _setDelays(delays_);
    }

    /// @inheritdoc ISettlementControl
    function start(Committee calldata genesis, uint64 startTime) external restricted {
        if (_digest != 0) revert AlreadyStarted();
        _requireStartTime(startTime);
        if (genesis.epoch != 0) revert WrongEpoch(genesis.epoch, 0);
        _requireRegistered(genesis);

        bytes32 hash = CommitteeCertificate.hash(genesis);
        uint64 l2Number = uint64(block.number);
        bytes32 digest = SettlementDigest.ofStart(ConsensusMessage.networkId(address(this)), hash, startTime, l2Number);
        _digest = digest;
        // No balance is settled, and no deposit seen by a settlement: the anchor has neither root nor block.
        _anchor = Anchor(digest, hash, 0, startTime, 0, 0);
        _head.lastActivatedAt = uint40(block.timestamp);
        _head.activeCloseTime = uint48(startTime);
        emit Started(genesis, hash, startTime, l2Number, digest, _flk.totalSupply());
        _flk.openAccrual(startTime);
    }

    /// @inheritdoc ISettlementControl
    function veto(uint64 epoch) external restricted {
        Head memory head = _loadHead();
        if (head.frozen) revert IsFrozen();
        (bytes32 digest, uint40 activatesAt, uint16 holds) = _pending(head, epoch);
        bool due = epoch == head.firstPending && holds == 0 && block.timestamp >= activatesAt;
        if (due) revert VetoTooLate(epoch, activatesAt);
        _hold(head, epoch, digest, holds, HELD_VETO);
    }

    /// @inheritdoc ISettlementControl
    function challengeCommittee(Settlement calldata settlement, Committee calldata next) external {
        Head memory head = _loadHead();
        if (head.frozen) revert IsFrozen();
        (bytes32 digest, , uint16 holds) = _pendingAs(head, settlement);
        bytes32 hash = CommitteeCertificate.hash(next);
        if (hash != settlement.nextCommitteeHash) revert WrongCommittee(hash, settlement.nextCommitteeHash);
        if (_isSound(next, settlement.epoch)) revert CommitteeIsSound();
        _hold(head, settlement.epoch, digest, holds, HELD_COMMITTEE);
    }

    /// @inheritdoc ISettlementControl
    function release(uint64 epoch) external restricted {
        Head memory head = _loadHead();
        if (head.frozen) revert IsFrozen();
        (bytes32 digest, , uint16 holds) = _pending(head, epoch);
        if (holds == 0) revert NotHeld(epoch);
        _setHolds(head, epoch, 0);
        _storeHead(head);
        emit Released(epoch, digest);
    }

    /// @dev The ceiling of the token accrues from the start, and close times follow it.
    function _requireStartTime(uint64 startTime) private view {
        (uint256 min, uint256 max) = (
            (block.timestamp - START_TOLERANCE) * 1000,
            (block.timestamp + START_TOLERANCE) * 1000
        );
        if (startTime < min || startTime > max) revert InvalidStartTime(startTime, min, max);
    }

    function _hold(Head memory head, uint64 epoch, bytes32 digest, uint16 holds, uint16 reason) private {
        _setHolds(head, epoch, holds | reason);
        _storeHead(head);
        emit Held(epoch, digest, holds | reason);
    }
    /// @dev A member may have unstaked or been slashed since it was drawn, and the minimum may have risen: only one that never had the
    /// lowest minimum of the time is ineligible.
    function _isSound(Committee calldata next, uint64 epoch) private view returns (bool) {
        if (next.epoch != epoch + 1 || !CommitteeCertificate.isWellFormed(next.members)) return false;
        uint64[] memory ids = CommitteeCertificate.keyIds(next.members);
        uint256 minStake = _parameters.lowest(MIN_STAKE);
        uint32 nodes = _staking.nodeCount();
        for (uint256 i = 0; i < ids.length; ++i) {
            uint32 nodeId = uint32(ids[i] >> 32);
            if (nodeId > nodes || _staking.stakeBound(nodeId) < minStake) return false;
            INodeStaking.NodeInfo memory info = _staking.node(nodeId);
            if (uint32(ids[i]) > info.keyVersion) return false;
            // A rotation is seen after the epoch that was posted next then: no draw names its key for an earlier one than it acts in.
            (, uint64 fromEpoch, ) = _staking.liabilityOf(ids[i]);
            if (fromEpoch > next.epoch) return false;
        }
        return keccak256(_staking.sumOfKeys(ids)) == keccak256(next.aggregateKey);
    }
}
