// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title How settlements become active
abstract contract SettlementQueue is IEpochSettlement, SettlementState, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Not a reason to hold: a token that is paused must not stop the chain of settlements, and whoever gives too little gas for the
    /// transfer must not be able to hold one.
    uint16 internal constant WAITS = 1 << 15;
    bytes32 private constant EMPTY_SLASH_LIST = keccak256("");

    /// @inheritdoc IEpochSettlement
    function activate(Settlement calldata settlement) external nonReentrant returns (bool activated) {
        Head memory head = _loadHead();
        if (head.frozen) revert IsFrozen();
        uint256 epoch = settlement.epoch;
        (bytes32 digest, uint40 activatesAt, uint16 holds) = _pendingAs(head, settlement);
        if (epoch != head.firstPending) revert NotFirst(uint64(epoch), head.firstPending);
        if (holds != 0) revert IsHeld(uint64(epoch), holds);
        if (block.timestamp < activatesAt) revert NotDue(uint64(epoch), activatesAt);

        uint16 reasons = _activate(head, settlement, digest);
        if (reasons == WAITS) revert PayoutFailed(settlement.totalPayoutStable);
        activated = reasons == 0;
        if (!activated) _setHolds(head, epoch, reasons);
        else if (epoch + 1 != head.nextEpoch) delete _queue[epoch];
        _storeHead(head);
    }

    /// @dev Writes all that an activation changes but `head`, which the caller stores. `settlement` must be the first pending one, due,
    /// not held, and have `digest`.
    /// @return reasons 0, or why it must be held, or WAITS when the stablecoin does not move; then nothing was written
    function _activate(
        Head memory head,
        Settlement calldata settlement,
        bytes32 digest
    ) internal returns (uint16 reasons) {
        Active memory active = _active;
        reasons = _contradictions(settlement, head.activeCloseTime, active.totalPayoutStable, active.totalPayoutFlk);
        // Also when it was released: nothing could follow a close time that is never reached.
        if (_isAhead(settlement.closeTime, _limits.closeTimeTolerance)) reasons |= HELD_CLOSE_TIME;
        uint256 payout = 0;
        if (reasons == 0) {
            payout = settlement.totalPayoutStable - active.totalPayoutStable;
            if (_stable.balanceOf(_vault) < settlement.totalBalances + payout) reasons = HELD_INSOLVENT;
            else if (payout != 0 && !_stable.trySafeTransferFrom(_vault, address(this), payout)) return WAITS;
        }
        if (reasons != 0) {
            emit Held(settlement.epoch, digest, reasons);
            return reasons;
        }

        uint256 minted = _flk.mint(address(this), settlement.totalPayoutFlk - active.mintedFlk, settlement.closeTime);
        _active = Active(
            uint64(settlement.totalPayoutStable),
            uint96(settlement.totalPayoutFlk),
            active.mintedFlk + uint96(minted)
        );
        _payoutRoot = settlement.payoutRoot;
        if (settlement.slashListHash != EMPTY_SLASH_LIST && settlement.slashListHash != 0) {
            _slashLists[settlement.epoch] = settlement.slashListHash;
        }
        head.activeEpochs = uint32(settlement.epoch + 1);
        head.firstPending = head.activeEpochs;
        head.lastActivatedAt = uint40(block.timestamp);
        head.activeCloseTime = uint48(settlement.closeTime);
        head.recovering = false;
        emit Activated(settlement.epoch, digest, minted);
    }

    /// @dev Limits that a settlement is measured against when it is posted, where `closeTime` and the totals are those of its predecessor.
    function _overLimits(
        Settlement calldata settlement,
        Limits memory limits_,
        uint256 closeTime,
        uint256 totalPayoutStable,
        uint256 totalPayoutFlk
    ) internal view returns (uint16 reasons) {
        reasons = _contradictions(settlement, closeTime, totalPayoutStable, totalPayoutFlk);
        if (_isAhead(settlement.closeTime, limits_.closeTimeTolerance)) reasons |= HELD_CLOSE_TIME;
        if (settlement.nextCommitteeHash == 0) reasons |= HELD_NO_COMMITTEE;
        if (reasons & HELD_TOTALS != 0) return reasons;
        if (settlement.totalPayoutStable - totalPayoutStable > limits_.maxStablePayout) reasons |= HELD_STABLE_LIMIT;
        if (settlement.totalPayoutFlk - totalPayoutFlk > limits_.maxFlkPayout) reasons |= HELD_FLK_LIMIT;
    }

    function _isAhead(uint64 closeTime, uint256 tolerance) private view returns (bool) {
        return closeTime > (block.timestamp + tolerance) * 1000;
    }

    function _contradictions(
        Settlement calldata settlement,
        uint256 closeTime,
        uint256 totalPayoutStable,
        uint256 totalPayoutFlk
    ) private pure returns (uint16 reasons) {
        if (settlement.closeTime <= closeTime || settlement.closeTime > type(uint48).max) reasons = HELD_CLOSE_TIME;
        if (
            settlement.totalPayoutStable < totalPayoutStable ||
            settlement.totalPayoutFlk < totalPayoutFlk ||
            settlement.totalPayoutStable > type(uint64).max ||
            settlement.totalPayoutFlk > type(uint96).max ||
            settlement.totalBalances > type(uint64).max
        ) reasons |= HELD_TOTALS;
    }
}
