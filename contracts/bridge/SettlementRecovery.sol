// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlementControl} from "../interfaces/IEpochSettlement.sol";
import {Committee, CommitteeCertificate} from "../libraries/CommitteeCertificate.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";
import {SettlementDigest} from "../libraries/SettlementDigest.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title The ways out: a freeze lets accounts escape, a restart returns to the last active settlement
abstract contract SettlementRecovery is ISettlementControl, SettlementState {
    /// @dev Room for a number beyond all that nodes ran in while nothing was posted.
    uint256 private constant MAX_RESUME_AHEAD = 1_000;
    uint256 private constant MIN_COMMITTEE = 4;

    /// @dev Where the chain of settlements stands when everything pending is taken away.
    struct Base {
        bytes32 digest;
        bytes32 committeeHash;
        bytes32 balanceRoot;
        uint64 closeTime;
        uint64 l2Number;
    }

    /// @inheritdoc ISettlementControl
    function freeze(Opening calldata opening) external {
        Head memory head = _loadHead();
        if (_digest == 0) revert NotStarted();
        if (head.frozen) revert IsFrozen();
        uint256 opensAt = uint256(head.lastActivatedAt) + _delays.escapeDelay;
        if (block.timestamp < opensAt) revert EscapeNotOpen(opensAt);

        Base memory base = _base(head, opening);
        _freeze = Freeze(base.balanceRoot, base.l2Number, uint40(block.timestamp));
        head.frozen = true;
        _storeHead(head);
        emit Frozen(head.activeEpochs, base.balanceRoot, base.l2Number);
    }

    /// @inheritdoc ISettlementControl
    function restart(Opening calldata opening, Committee calldata committee, uint64 resumeEpoch) external restricted {
        Head memory head = _loadHead();
        if (head.frozen) {
            _requireExitWindow();
        } else {
            if (head.firstPending == head.nextEpoch) revert NothingToRestart();
            (, , uint16 holds) = _pending(head, head.firstPending);
            if (holds == 0) revert NothingToRestart();
        }
        Base memory base = _base(head, opening);
        bytes32 hash = CommitteeCertificate.hash(committee);
        if (hash != base.committeeHash) revert WrongCommittee(hash, base.committeeHash);
        if (head.frozen) head.lastActivatedAt = uint40(block.timestamp);
        _resume(head, base, Committee(resumeEpoch, committee.members, committee.aggregateKey), false);
    }

    /// @inheritdoc ISettlementControl
    function recover(Opening calldata opening, Committee calldata committee, uint64 resumeEpoch) external restricted {
        Head memory head = _loadHead();
        if (_digest == 0) revert NotStarted();
        uint256 opensAt = uint256(head.lastActivatedAt) + _delays.recoveryDelay;
        if (block.timestamp < opensAt) revert RecoveryNotOpen(opensAt);
        if (head.frozen) _requireExitWindow();
        if (committee.epoch != resumeEpoch) revert WrongEpoch(committee.epoch, resumeEpoch);
        uint256 members = _requireRegistered(committee);
        if (members < MIN_COMMITTEE) revert CommitteeTooSmall(members, MIN_COMMITTEE);
        head.recovering = true;
        head.lastActivatedAt = uint40(block.timestamp);
        _resume(head, _base(head, opening), committee, true);
    }

    /// @dev Reverts unless every member's key is registered and the aggregate key is their sum. @return members how many
    function _requireRegistered(Committee calldata committee) internal view returns (uint256 members) {
        uint64[] memory ids = CommitteeCertificate.keyIds(committee.members);
        if (keccak256(_staking.sumOfKeys(ids)) != keccak256(committee.aggregateKey)) revert AggregateKeyMismatch();
        return ids.length;
    }

    function _resume(Head memory head, Base memory base, Committee memory committee, bool recovered) private {
        uint256 min = uint256(head.nextEpoch) + ConsensusMessage.MAX_AHEAD + 1;
        uint256 max = uint256(head.nextEpoch) + MAX_RESUME_AHEAD;
        if (committee.epoch < min || committee.epoch > max) {
            revert InvalidResumeEpoch(committee.epoch, uint64(min), uint64(max));
        }
        if (head.firstPending != head.nextEpoch) emit Voided(head.firstPending, head.nextEpoch - 1);

        uint32 restarts = _anchor.restarts + 1;
        bytes32 hash = CommitteeCertificate.hashOf(committee);
        bytes32 digest = SettlementDigest.ofRestart(
            ConsensusMessage.networkId(address(this)),
            base.digest,
            hash,
            committee.epoch,
            restarts
        );
        _resumptions[restarts] = Resumption(uint32(committee.epoch), head.activeEpochs, head.nextEpoch);
        head.nextEpoch = uint32(committee.epoch);
        head.firstPending = head.nextEpoch;
        head.holds = 0;
        head.frozen = false;
        _digest = digest;
        _storeHead(head);
        _anchor = Anchor(digest, hash, base.balanceRoot, base.closeTime, base.l2Number, restarts);
        emit Restart(head.activeEpochs, committee.epoch, digest, committee, hash, base.closeTime, recovered);
    }

    function _requireExitWindow() private view {
        uint256 until = uint256(_freeze.frozenAt) + _delays.exitWindow;
        if (block.timestamp < until) revert ExitWindowOpen(until);
    }

    /// @dev The newest active settlement is what the first pending one names as its previous, or the newest of all when nothing is pending.
    function _base(Head memory head, Opening calldata opening) private view returns (Base memory) {
        bytes32 expected = _digest;
        if (head.firstPending != head.nextEpoch) {
            (bytes32 posted, , ) = _pending(head, head.firstPending);
            bytes32 given = SettlementDigest.ofSettlement(opening.firstPending);
            if (given != posted) revert UnknownSettlement(given, posted);
            expected = opening.firstPending.previous;
        }
        Settlement calldata active = opening.active;
        Anchor memory anchor = _anchor;
        if (anchor.digest == expected) {
            return Base(expected, anchor.committeeHash, anchor.balanceRoot, anchor.closeTime, anchor.l2Number);
        }
        bytes32 digest = SettlementDigest.ofSettlement(active);
        if (digest != expected) revert UnknownSettlement(digest, expected);
        return Base(digest, active.nextCommitteeHash, active.balanceRoot, active.closeTime, active.l2Number);
    }
}
