// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEpochSettlementErrors, IEpochSettlementEvents} from "../interfaces/IEpochSettlement.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {SettlementDigest} from "../libraries/SettlementDigest.sol";

/// @title What {EpochSettlement} keeps, and {SettlementControl} with it
/// @dev A settlement in steady state writes four slots: digest, head, payout root and active. The newest posted settlement
/// lives in the first two; only when several wait do the older ones go to `_queue`. What is owed and not claimed is not counted: it is what
/// this contract holds.
abstract contract SettlementState is IEpochSettlementErrors, IEpochSettlementEvents, AccessManagedUpgradeable {
    /// @dev One slot. Epochs fit 32 bits, seconds 40, ms 48.
    struct Head {
        uint32 nextEpoch;
        uint32 firstPending;
        uint32 activeEpochs;
        uint40 activatesAt;
        uint40 lastActivatedAt;
        /// Unix ms: close time of the newest active settlement, or the start
        uint48 activeCloseTime;
        uint16 holds;
        bool frozen;
        bool recovering;
    }

    /// @dev One slot: totals of the newest active settlement, and the FLK minted so far.
    struct Active {
        uint64 totalPayoutStable;
        uint96 totalPayoutFlk;
        uint96 mintedFlk;
    }

    struct Posted {
        bytes32 digest;
        uint40 activatesAt;
        uint16 holds;
    }

    /// @dev What opened the first epoch after the start or a restart, in place of a settlement.
    struct Anchor {
        bytes32 digest;
        bytes32 committeeHash;
        bytes32 balanceRoot;
        uint64 closeTime;
        uint64 l2Number;
        uint32 restarts;
    }

    /// @dev A restart: which epoch it opened, and how many were active and which was next before it.
    struct Resumption {
        uint32 resumeEpoch;
        uint32 activeEpochs;
        uint32 nextEpoch;
    }

    struct Freeze {
        bytes32 balanceRoot;
        uint64 l2Number;
        uint40 frozenAt;
    }

    /// @notice Reasons to hold a settlement: it adds more stablecoin or FLK to the payouts than the limits say, ...
    uint16 public constant HELD_STABLE_LIMIT = 1;
    uint16 public constant HELD_FLK_LIMIT = 2;
    /// @notice ... its totals fall, or do not fit ...
    uint16 public constant HELD_TOTALS = 4;
    /// @notice ... its close time is not later than the one before, or too far ahead of the L2 ...
    uint16 public constant HELD_CLOSE_TIME = 8;
    /// @notice ... it names no next committee ...
    uint16 public constant HELD_NO_COMMITTEE = 16;
    /// @notice ... the guardian vetoed it ...
    uint16 public constant HELD_VETO = 32;
    /// @notice ... somebody proved that its next committee is wrong ...
    uint16 public constant HELD_COMMITTEE = 64;
    /// @notice ... or the vault did not cover it when it was due.
    uint16 public constant HELD_INSOLVENT = 128;

    IFLK internal immutable _flk;
    IERC20 internal immutable _stable;
    address internal immutable _vault;
    INodeStaking internal immutable _staking;
    IProtocolParameters internal immutable _parameters;

    bytes32 internal _digest;
    Head internal _head;
    bytes32 internal _payoutRoot;
    Active internal _active;
    Limits internal _limits;
    Delays internal _delays;
    Anchor internal _anchor;
    Freeze internal _freeze;
    mapping(uint256 epoch => Posted posted) internal _queue;
    mapping(uint256 epoch => bytes32 hash) internal _slashLists;
    mapping(address account => Paid paid) internal _paid;
    mapping(address account => address payee) internal _payees;
    /// @dev Numbered from 1 to `_anchor.restarts`.
    mapping(uint256 restart => Resumption resumption) internal _resumptions;

    constructor(
        IFLK token,
        IERC20 stablecoin,
        address clientVault,
        INodeStaking nodeStaking,
        IProtocolParameters protocolParameters
    ) {
        _flk = token;
        _stable = stablecoin;
        _vault = clientVault;
        _staking = nodeStaking;
        _parameters = protocolParameters;
    }

    /// @dev One copy of the code that packs and unpacks the slot: the contract would not fit otherwise.
    function _loadHead() internal view returns (Head memory) {
        return _head;
    }

    function _storeHead(Head memory head) internal {
        _head = head;
    }

    /// @dev A settlement that is posted and not active.
    function _pending(
        Head memory head,
        uint256 epoch
    ) internal view returns (bytes32 digest, uint40 activatesAt, uint16 holds) {
        if (epoch < head.firstPending || epoch >= head.nextEpoch) revert NotPending(uint64(epoch));
        if (epoch + 1 == head.nextEpoch) return (_digest, head.activatesAt, head.holds);
        Posted storage posted = _queue[epoch];
        return (posted.digest, posted.activatesAt, posted.holds);
    }

    /// @dev As `_pending`, of a settlement that must be the posted one.
    function _pendingAs(
        Head memory head,
        Settlement calldata settlement
    ) internal view returns (bytes32 digest, uint40 activatesAt, uint16 holds) {
        (digest, activatesAt, holds) = _pending(head, settlement.epoch);
        bytes32 given = SettlementDigest.ofSettlement(settlement);
        if (given != digest) revert UnknownSettlement(given, digest);
    }

    /// @dev `head` is not stored here: callers do.
    function _setHolds(Head memory head, uint256 epoch, uint16 holds) internal {
        if (epoch + 1 == head.nextEpoch) head.holds = holds;
        else _queue[epoch].holds = holds;
    }
}
