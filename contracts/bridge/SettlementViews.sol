// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IEpochClock} from "../interfaces/IEpochClock.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {Committee, CommitteeCertificate} from "../libraries/CommitteeCertificate.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";
import {SettlementDigest} from "../libraries/SettlementDigest.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title What anyone can ask {EpochSettlement}
abstract contract SettlementViews is IEpochSettlement, SettlementState {
    /// @inheritdoc IEpochSettlement
    function status() external view returns (Status memory) {
        Head memory head = _loadHead();
        Active memory active = _active;
        return
            Status({
                nextEpoch: head.nextEpoch,
                firstPending: head.firstPending,
                activeEpochs: head.activeEpochs,
                activatesAt: head.activatesAt,
                lastActivatedAt: head.lastActivatedAt,
                holds: head.holds,
                frozen: head.frozen,
                recovering: head.recovering,
                restarts: _anchor.restarts,
                digest: _digest,
                payoutRoot: _payoutRoot,
                totalPayoutStable: active.totalPayoutStable,
                totalPayoutFlk: active.totalPayoutFlk,
                mintedFlk: active.mintedFlk
            });
    }

    /// @inheritdoc IEpochClock
    function nextEpoch() external view returns (uint64) {
        return _head.nextEpoch;
    }

    /// @inheritdoc IEpochSettlement
    function ageOf(uint64 epoch) external view returns (uint256 age, uint64 latest) {
        uint64 next = _head.nextEpoch;
        latest = next + ConsensusMessage.MAX_AHEAD;
        if (epoch >= next) return (0, latest);
        for (uint256 i = _anchor.restarts; i > 0; --i) {
            Resumption memory restart = _resumptions[i];
            if (epoch >= restart.resumeEpoch) break;
            latest = restart.nextEpoch + ConsensusMessage.MAX_AHEAD;
        }
        age = epochsBetween(epoch, next);
    }

    /// @inheritdoc IEpochSettlement
    function latestDigest() external view returns (bytes32) {
        return _digest;
    }

    /// @inheritdoc IEpochSettlement
    function settlementMessage(Settlement calldata settlement) external view returns (bytes32) {
        return ConsensusMessage.ofSettlement(networkId(), settlement.epoch, SettlementDigest.ofSettlement(settlement));
    }

    /// @inheritdoc IEpochSettlement
    function hashCommittee(Committee calldata committee) external pure returns (bytes32) {
        return CommitteeCertificate.hash(committee);
    }

    /// @inheritdoc IEpochSettlement
    function settlementDigest(Settlement calldata settlement) external pure returns (bytes32) {
        return SettlementDigest.ofSettlement(settlement);
    }

    /// @inheritdoc IEpochSettlement
    function pending(uint64 epoch) external view returns (bytes32 digest, uint64 activatesAt, uint16 reasons) {
        return _pending(_loadHead(), epoch);
    }

    /// @inheritdoc IEpochSettlement
    function slashListHash(uint64 epoch) external view returns (bytes32) {
        return _slashLists[epoch];
    }

    /// @inheritdoc IEpochSettlement
    function limits() external view returns (Limits memory) {
        return _limits;
    }

    /// @inheritdoc IEpochSettlement
    function delays() external view returns (Delays memory) {
        return _delays;
    }

    /// @inheritdoc IEpochClock
    function activationDelay() external view returns (uint256) {
        return _limits.activationDelay;
    }

    /// @inheritdoc IEpochClock
    function escapeDelay() external view returns (uint256) {
        return _delays.escapeDelay;
    }

    /// @inheritdoc IEpochSettlement
    function escapeRoot() external view returns (bool open, bytes32 balanceRoot, uint64 l2Number, uint64 key) {
        Head storage head = _head;
        return (head.frozen, _freeze.balanceRoot, _freeze.l2Number, head.activeEpochs);
    }

    /// @inheritdoc IEpochSettlement
    function flk() external view returns (IFLK) {
        return _flk;
    }

    /// @inheritdoc IEpochSettlement
    function stable() external view returns (IERC20) {
        return _stable;
    }

    /// @inheritdoc IEpochSettlement
    function vault() external view returns (address) {
        return _vault;
    }

    /// @inheritdoc IEpochSettlement
    function staking() external view returns (INodeStaking) {
        return _staking;
    }

    /// @inheritdoc IEpochSettlement
    function parameters() external view returns (IProtocolParameters) {
        return _parameters;
    }

    /// @inheritdoc IEpochSettlement
    function epochsBetween(uint64 from, uint64 to) public view returns (uint256 passed) {
        uint256 position = to;
        for (uint256 i = _anchor.restarts; i > 0; --i) {
            Resumption memory restart = _resumptions[i];
            if (from >= restart.resumeEpoch) break;
            if (position < restart.resumeEpoch) continue;
            passed += position - restart.resumeEpoch;
            position = restart.activeEpochs;
        }
        passed += Math.saturatingSub(position, from);
    }

    /// @inheritdoc IEpochSettlement
    function networkId() public view returns (bytes32) {
        return ConsensusMessage.networkId(address(this));
    }
}
