// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {Committee, CommitteeCertificate} from "../libraries/CommitteeCertificate.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";
import {SettlementDigest} from "../libraries/SettlementDigest.sol";
import {SettlementClaims} from "./SettlementClaims.sol";
import {SettlementForwards} from "./SettlementForwards.sol";
import {SettlementQueue} from "./SettlementQueue.sol";
import {SettlementRefund} from "./SettlementRefund.sol";
import {SettlementState} from "./SettlementState.sol";
import {SettlementViews} from "./SettlementViews.sol";

/// @title Implementation of {IEpochSettlement}, which says what it does: the posting of settlements
contract EpochSettlement is
    SettlementClaims,
    SettlementForwards,
    SettlementQueue,
    SettlementRefund,
    SettlementViews,
    UUPSUpgradeable
{
    /// @dev What a settlement is compared with: its predecessor, or what opened the epoch.
    struct Predecessor {
        bytes32 committeeHash;
        uint256 closeTime;
        uint256 totalPayoutStable;
        uint256 totalPayoutFlk;
    }

    constructor(
        IFLK token,
        IERC20 stablecoin,
        address clientVault,
        INodeStaking nodeStaking,
        IProtocolParameters protocolParameters
    ) SettlementState(token, stablecoin, clientVault, nodeStaking, protocolParameters) {
        _disableInitializers();
    }

    /// @notice ETH that posters are paid back from.
    receive() external payable {}

    /// @inheritdoc IEpochSettlement
    function settle(
        Settlement calldata previous,
        Settlement calldata settlement,
        Committee calldata committee,
        uint32[] calldata nonSigners,
        bytes calldata signature
    ) external nonReentrant {
        uint256 gasBefore = gasleft();
        Predecessor memory before = _requireNext(previous, settlement, committee);
        bytes32 digest = SettlementDigest.ofSettlement(settlement);
        _requireSigned(settlement.epoch, digest, committee, nonSigners, signature);
        Head memory head = _loadHead();
        Limits memory terms = _limits;
        _enqueue(head, previous);
        _post(head, settlement, digest, before, terms);
        _storeHead(head);
        _refund(gasBefore, terms.maxRefundGasPrice);
    }

    function _authorizeUpgrade(address) internal override restricted {}

    /// @dev Activates the settlement that was the newest, when it is the only one waiting and due; otherwise queues it.
    function _enqueue(Head memory head, Settlement calldata previous) private {
        uint32 first = head.firstPending;
        if (first == head.nextEpoch) return;
        bytes32 latest = _digest;
        bool due = head.holds == 0 && block.timestamp >= head.activatesAt;
        if (first + 1 == head.nextEpoch && due) {
            uint16 reasons = _activate(head, previous, latest);
            if (reasons == 0) return;
            if (reasons != WAITS) head.holds = reasons;
        }
        _queue[head.nextEpoch - 1] = Posted(latest, head.activatesAt, head.holds);
    }

    function _post(
        Head memory head,
        Settlement calldata settlement,
        bytes32 digest,
        Predecessor memory before,
        Limits memory terms
    ) private {
        uint256 delay = head.recovering ? uint256(terms.activationDelay) * 2 : terms.activationDelay;
        head.nextEpoch = uint32(settlement.epoch + 1);
        head.activatesAt = uint40(block.timestamp + delay);
        head.holds = _overLimits(settlement, terms, before.closeTime, before.totalPayoutStable, before.totalPayoutFlk);
        _digest = digest;
        emit Settled(settlement.epoch, digest, settlement, head.activatesAt);
        if (head.holds != 0) emit Held(settlement.epoch, digest, head.holds);
        else if (delay == 0 && head.firstPending == settlement.epoch) {
            uint16 reasons = _activate(head, settlement, digest);
            if (reasons != WAITS) head.holds = reasons;
        }
    }

    function _requireSigned(
        uint64 epoch,
        bytes32 digest,
        Committee calldata committee,
        uint32[] calldata nonSigners,
        bytes calldata signature
    ) private view {
        bytes32 message = ConsensusMessage.ofSettlement(networkId(), epoch, digest);
        CommitteeCertificate.verify(committee, nonSigners, message, signature, _staking);
    }

    function _requireNext(
        Settlement calldata previous,
        Settlement calldata settlement,
        Committee calldata committee
    ) private view returns (Predecessor memory before) {
        bytes32 latest = _digest;
        if (latest == 0) revert NotStarted();
        Head storage head = _head;
        if (head.frozen) revert IsFrozen();
        uint32 next = head.nextEpoch;
        if (settlement.epoch != next) revert WrongEpoch(settlement.epoch, next);
        if (settlement.previous != latest) revert WrongPrevious(settlement.previous, latest);
        before = _predecessor(latest, previous);
        bytes32 hash = CommitteeCertificate.hash(committee);
        if (hash != before.committeeHash) revert WrongCommittee(hash, before.committeeHash);
        if (committee.epoch != next) revert WrongEpoch(committee.epoch, next);
    }

    /// @dev By the digest alone, not by what `previous` says: also a settlement that says nothing has a successor.
    function _predecessor(bytes32 latest, Settlement calldata previous) private view returns (Predecessor memory) {
        bytes32 given = SettlementDigest.ofSettlement(previous);
        if (given == latest) {
            return
                Predecessor(
                    previous.nextCommitteeHash,
                    previous.closeTime,
                    previous.totalPayoutStable,
                    previous.totalPayoutFlk
                );
        }
        Anchor storage anchor = _anchor;
        if (anchor.digest != latest) revert WrongPrevious(given, latest);
        Active storage active = _active;
        return Predecessor(anchor.committeeHash, anchor.closeTime, active.totalPayoutStable, active.totalPayoutFlk);
    }
}
