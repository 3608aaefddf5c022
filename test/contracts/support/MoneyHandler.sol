// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IClientVaultErrors as V} from "../../../contracts/interfaces/IClientVault.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {MoneyLedger} from "./MoneyLedger.sol";
import {bound, vm} from "./Vm.sol";

/// @notice Clients deposit and spend, committees settle epochs that keep or break the limits, the guardian vetoes, governance releases, restarts and
/// recovers, anyone activates, freezes, claims and escapes, FLK burns, gifts arrive, and time goes on.
abstract contract MoneyHandler is MoneyLedger {
    /// @dev The epoch that the next settlement must have.
    uint64 internal nextEpoch;
    uint256 internal frozenAt;

    // --- clients

    function deposit(uint8 index, uint256 amount) external {
        index = uint8(index % ACCOUNTS);
        amount = bound(amount, 1, 2 * TOP_UP);
        vm.roll(block.number + 1);
        _depositFor(accountOf(index), amount);
        sums.deposited[index] += amount;
    }

    /// @dev To the vault and the settlement, which owe nobody for it.
    function give(uint32 stable, uint64 amount) external {
        usd.mint(address(vault), stable);
        flk.transfer(address(settlement), amount);
        sums.donatedStable += stable;
        sums.donatedFlk += amount;
    }

    function burn(uint256 amount) external {
        amount = _within(amount, flk.balanceOf(address(this)) / 8);
        flk.burn(amount);
        sums.burned += amount;
    }

    function setPayee(uint8 index, bool redirected) external {
        index = uint8(index % ACCOUNTS);
        vm.prank(accountOf(index));
        settlement.setPayee(redirected ? otherOf(index) : address(0));
    }

    function claim(uint8 index) external {
        index = uint8(index % ACCOUNTS);
        (bool payable_, uint256 stable, uint256 amount) = _due(index);
        IEpochSettlement.Claim memory one = claimOf(index);
        if (!payable_) {
            vm.expectRevert();
            return settlement.claim(one.account, one.stable, one.flk, one.proof);
        }
        address payee = settlement.payeeOf(one.account);
        (uint256 stableBefore, uint256 flkBefore) = (usd.balanceOf(payee), flk.balanceOf(payee));
        settlement.claim(one.account, one.stable, one.flk, one.proof);
        vm.assertEq(usd.balanceOf(payee) - stableBefore, stable);
        vm.assertEq(flk.balanceOf(payee) - flkBefore, amount);
        sums.claimedStable[index] += stable;
        sums.claimedFlk[index] += amount;
    }

    /// @dev Each twice: the second of a pair finds nothing to claim.
    function claimMany() external {
        if (base.activeEpochs == 0) return;
        IEpochSettlement.Claim[] memory claims = new IEpochSettlement.Claim[](2 * ACCOUNTS);
        (bool anyDue, uint256 before) = (false, 0);
        for (uint256 i = 0; i < 2 * ACCOUNTS; i++) {
            claims[i] = claimOf(i / 2);
            (bool payable_, , ) = _due(i / 2);
            anyDue = anyDue || payable_;
        }
        for (uint256 i = 0; i < ACCOUNTS; i++) before += _paidTo(i);
        uint256 paid = settlement.claimMany(claims);
        vm.assertEq(paid != 0 ? 1 : 0, anyDue ? 1 : 0);
        vm.assertLe(paid, ACCOUNTS);
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            IEpochSettlement.Paid memory now_ = settlement.claimed(accountOf(i));
            before += now_.stable - sums.claimedStable[i];
            (sums.claimedStable[i], sums.claimedFlk[i]) = (now_.stable, now_.flk);
        }
        uint256 received = 0;
        for (uint256 i = 0; i < ACCOUNTS; i++) received += _paidTo(i);
        vm.assertEq(received, before);
    }

    // --- the committee, and whoever activates

    /// @param seed of all choices: one of seven ways to break a limit or none, deposits seen or not, who pays whom, who signs
    function settle(uint256 seed, uint256 spent, uint256 granted) external {
        if (seat == NONE || settlement.status().frozen) return;
        // The fuzzer likes small numbers.
        seed = uint256(keccak256(abi.encode(seed)));
        State memory state = tip;
        if (_bit(seed, 8, 2) == 1) see(state);
        uint256 from = _bit(seed, 16, ACCOUNTS);
        spent = _within(spent, state.balance[from]);
        state.balance[from] -= spent;
        state.stable[_bit(seed, 24, ACCOUNTS)] += spent;
        state.flk[_bit(seed, 32, ACCOUNTS)] += _within(granted, FLK_LIMIT + FLK_LIMIT / 4);
        _post(seed % 16, state, _bit(seed, 40, 2), _bit(seed, 48, 6));
    }

    function activate() external {
        IEpochSettlement.Status memory status = settlement.status();
        uint64 epoch = status.firstPending;
        if (status.frozen || epoch == status.nextEpoch) return;
        (, uint64 activatesAt, uint16 reasons) = settlement.pending(epoch);
        vm.assertEq(waiting[epoch].held ? 1 : 0, reasons == 0 ? 0 : 1);
        if (reasons != 0) vm.expectRevert(abi.encodeWithSelector(E.IsHeld.selector, epoch, reasons));
        else if (block.timestamp < activatesAt)
            vm.expectRevert(abi.encodeWithSelector(E.NotDue.selector, epoch, activatesAt));
        bool due = reasons == 0 && block.timestamp >= activatesAt;
        bool activated = settlement.activate(waiting[epoch].s);
        if (!due) return;
        if (activated) sync();
        else waiting[epoch].held = true;
        vm.assertEq(uint256(settlement.status().activeEpochs) == epoch + 1 ? 1 : 0, activated ? 1 : 0);
    }

    // --- guardian and governance

    function veto(uint64 which) external {
        (uint64 epoch, bool some) = _anyPending(which);
        if (!some) return;
        (, uint64 activatesAt, uint16 reasons) = settlement.pending(epoch);
        if (epoch == settlement.status().firstPending && reasons == 0 && block.timestamp >= activatesAt) {
            vm.expectRevert(abi.encodeWithSelector(E.VetoTooLate.selector, epoch, activatesAt));
        } else {
            waiting[epoch].held = true;
        }
        settlement.veto(epoch);
    }

    function release(uint64 which) external {
        (uint64 epoch, bool some) = _anyPending(which);
        if (!some || !waiting[epoch].held) return;
        settlement.release(epoch);
        waiting[epoch].held = false;
    }

    function restart(uint8 ahead, bool waits) external {
        if (base.seat == NONE) return;
        IEpochSettlement.Status memory status = settlement.status();
        if (status.frozen) {
            if (waits) _passUntil(frozenAt + EXIT_FOR);
            else if (block.timestamp < frozenAt + EXIT_FOR) return;
        } else if (status.firstPending == status.nextEpoch || !waiting[status.firstPending].held) return;
        _restart(status.nextEpoch + 2 + ahead);
    }

    function recover(uint8 ahead, uint8 to, bool waits) external {
        IEpochSettlement.Status memory status = settlement.status();
        uint256 opensAt = status.lastActivatedAt + RECOVER_AFTER;
        if (status.frozen && opensAt < frozenAt + EXIT_FOR) opensAt = frozenAt + EXIT_FOR;
        if (waits && ahead % 4 == 0) _passUntil(opensAt);
        if (block.timestamp >= opensAt) _recover(to % 2, status.nextEpoch + 2 + ahead);
    }

    // --- escapes

    function freeze(bool waits) external {
        IEpochSettlement.Status memory status = settlement.status();
        if (status.frozen) return;
        if (waits) _passUntil(status.lastActivatedAt + ESCAPE_AFTER);
        else if (block.timestamp < status.lastActivatedAt + ESCAPE_AFTER) return;
        settlement.freeze(openingNow());
        frozenAt = block.timestamp;
    }

    function escape(uint8 index) external {
        index = uint8(index % ACCOUNTS);
        if (!settlement.status().frozen || base.activeEpochs == 0) return;
        State memory leaves = base.leaves;
        uint256 balance = sums.takenAt[index] == base.activeEpochs ? 0 : leaves.balance[index];
        uint256 counted = sums.counted[index] > leaves.seen[index] ? sums.counted[index] : leaves.seen[index];
        uint256 amount = balance + sums.deposited[index] - counted;
        (, bytes32[ACCOUNTS] memory leaf) = trees(leaves, 0);
        bytes32[] memory proof = proofOf(leaf, index);
        uint256 before = usd.balanceOf(accountOf(index));
        if (amount != 0) vault.escape(accountOf(index), leaves.balance[index], leaves.seen[index], proof);
        vm.assertEq(usd.balanceOf(accountOf(index)) - before, amount);
        vm.expectRevert(abi.encodeWithSelector(V.NothingToEscape.selector, accountOf(index)));
        vault.escape(accountOf(index), leaves.balance[index], leaves.seen[index], proof);
        if (amount == 0) return;
        sums.takenAt[index] = base.activeEpochs;
        if (balance != 0) base.live.balance[index] -= balance;
        _left(index, amount);
    }

    function escapeUnseen(uint8 index) external {
        index = uint8(index % ACCOUNTS);
        if (!settlement.status().frozen) return;
        uint256 amount = sums.deposited[index] - sums.counted[index];
        bool refused = amount == 0 || vault.firstDepositBlock(accountOf(index)) <= base.leaves.l2Number;
        uint256 before = usd.balanceOf(accountOf(index));
        if (refused) vm.expectRevert();
        vault.escapeUnseen(accountOf(index));
        if (refused) return;
        vm.assertEq(usd.balanceOf(accountOf(index)) - before, amount);
        _left(index, amount);
    }

    function passTime(uint32 seconds_) external {
        _passUntil(block.timestamp + bound(seconds_, 1, 12 hours));
    }

    // --- helpers

    function _post(uint256 kind, State memory state, uint256 nextSeat, uint256 absent) internal {
        uint256 overstated = kind == 15 ? 1_000_000 : 0;
        if (kind == 13) nextSeat = NONE;
        IEpochSettlement.Settlement memory s = drawUp(state, overstated, nextSeat);
        uint16 expected = _expected(s);
        _break(s, kind);
        vm.assertEq(uint256(s.epoch), nextEpoch);
        nextEpoch++;
        sums.everOverstated = sums.everOverstated || kind == 15;
        uint16 reasons = post(s, state, overstated, nextSeat, absent);
        uint16 broken = _brokenBy(kind);
        vm.assertEq(uint256(reasons & broken), broken);
        if (kind < 9 && expected & settlement.HELD_TOTALS() == 0) vm.assertEq(uint256(reasons), expected);
    }

    function _break(IEpochSettlement.Settlement memory s, uint256 kind) internal view {
        if (kind == 9) s.totalPayoutStable = _fallen();
        if (kind == 10) s.totalPayoutFlk = 1 << 96;
        if (kind == 11) s.closeTime = newest.closeTime == 0 ? base.closeTime : newest.closeTime;
        if (kind == 12) s.closeTime += 3 days * 1000;
        if (kind == 14) s.totalBalances = usd.balanceOf(address(vault));
    }

    /// @dev The reason to hold that `_break` gives.
    function _brokenBy(uint256 kind) internal view returns (uint16) {
        if (kind == 9 || kind == 10) return settlement.HELD_TOTALS();
        if (kind == 11 || kind == 12) return settlement.HELD_CLOSE_TIME();
        return kind == 13 ? settlement.HELD_NO_COMMITTEE() : 0;
    }

    /// @dev Why what nodes drew up honestly will be held.
    function _expected(IEpochSettlement.Settlement memory s) internal view returns (uint16 reasons) {
        (uint256 stable, uint256 amount) = _before();
        if (s.closeTime > (block.timestamp + TOLERANCE) * 1000) reasons |= settlement.HELD_CLOSE_TIME();
        if (s.totalPayoutStable < stable || s.totalPayoutFlk < amount) return settlement.HELD_TOTALS();
        if (s.totalPayoutStable - stable > STABLE_LIMIT) reasons |= settlement.HELD_STABLE_LIMIT();
        if (s.totalPayoutFlk - amount > FLK_LIMIT) reasons |= settlement.HELD_FLK_LIMIT();
    }

    /// @dev Totals that the next settlement is measured against.
    function _before() internal view returns (uint256 stable, uint256 amount) {
        if (newest.closeTime == 0) return (sum(base.live.stable), sum(base.live.flk));
        return (newest.totalPayoutStable, newest.totalPayoutFlk);
    }

    /// @dev Less than before; as nothing is less than 0, more than fits.
    function _fallen() internal view returns (uint256) {
        (uint256 stable, ) = _before();
        return stable == 0 ? 1 << 64 : stable - 1;
    }

    /// @dev What a claim pays now, and whether it pays.
    function _due(uint256 index) internal view returns (bool payable_, uint256 stable, uint256 amount) {
        if (base.activeEpochs == 0) return (false, 0, 0);
        uint256 leaf = base.leaves.stable[index] + (index == 0 ? base.overstated : 0);
        uint256 owed = base.leaves.flk[index];
        if (leaf < sums.claimedStable[index] || owed < sums.claimedFlk[index]) return (false, 0, 0);
        stable = leaf - sums.claimedStable[index];
        amount = owed - sums.claimedFlk[index];
        uint256 there = flk.balanceOf(address(settlement));
        if (amount > there) amount = there;
        payable_ = (stable != 0 || amount != 0) && stable <= usd.balanceOf(address(settlement));
    }

    function _anyPending(uint64 which) internal view returns (uint64 epoch, bool some) {
        IEpochSettlement.Status memory status = settlement.status();
        uint64 count = status.nextEpoch - status.firstPending;
        if (status.frozen || count == 0) return (0, false);
        return (status.firstPending + (which % count), true);
    }

    function _activateFirst(uint64 epoch) internal returns (bool activated) {
        (, uint64 activatesAt, ) = settlement.pending(epoch);
        _passUntil(activatesAt);
        activated = settlement.activate(waiting[epoch].s);
        if (activated) sync();
        else waiting[epoch].held = true;
    }

    /// @dev By a restart, or where no committee was named by a recovery.
    function _bringBack(IEpochSettlement.Status memory status) internal {
        if (base.seat != NONE) return _restart(status.nextEpoch + 2);
        _passUntil(uint256(status.lastActivatedAt) + RECOVER_AFTER);
        _recover(1, status.nextEpoch + 2);
    }

    function _restart(uint64 epoch) internal {
        settlement.restart(openingNow(), seated(base.seat, base.seatEpoch), epoch);
        goBack(base.seat, epoch);
        nextEpoch = epoch;
    }

    function _recover(uint256 to, uint64 epoch) internal {
        settlement.recover(openingNow(), seated(to, epoch), epoch);
        goBack(to, epoch);
        nextEpoch = epoch;
    }

    function _left(uint256 index, uint256 amount) internal {
        sums.escaped[index] += amount;
        sums.counted[index] = sums.deposited[index];
        base.live.seen[index] = sums.deposited[index];
        base.escaped += amount;
    }

    function _passUntil(uint256 time_) internal {
        if (time_ > block.timestamp) vm.warp(time_);
    }

    function _paidTo(uint256 index) internal view returns (uint256) {
        return usd.balanceOf(accountOf(index)) + usd.balanceOf(otherOf(index));
    }

    function _totals() internal view returns (uint256 deposited, uint256 claimed, uint256 escaped) {
        return (sum(sums.deposited), sum(sums.claimedStable), sum(sums.escaped));
    }
}
