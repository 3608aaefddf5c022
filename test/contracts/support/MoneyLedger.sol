// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {BlsSigner} from "./BlsSigner.sol";
import {QueueFixture} from "./QueueFixture.sol";
import {bound, vm} from "./Vm.sol";

/// @notice What nodes know of three accounts, kept beside the contracts: what the chain of settlements ends with, what is posted, and what is
/// active. Two committees, of nodes 1 to 4 and 2 to 5, sign by one multiplication.
abstract contract MoneyLedger is QueueFixture {
    uint256 internal constant ACCOUNTS = 3;
    uint64 internal constant STABLE_LIMIT = 1_000_000_000;
    uint96 internal constant FLK_LIMIT = 500_000 ether;
    uint32 internal constant ESCAPE_AFTER = 3 days;
    uint32 internal constant EXIT_FOR = 1 days;
    uint32 internal constant RECOVER_AFTER = 5 days;
    uint256 internal constant NONE = 2;

    struct State {
        uint256[ACCOUNTS] balance;
        /// Deposits that the L2's nodes credited, or that an escape paid.
        uint256[ACCOUNTS] seen;
        uint256[ACCOUNTS] stable;
        uint256[ACCOUNTS] flk;
        uint64 l2Number;
    }

    struct Waiting {
        IEpochSettlement.Settlement s;
        State state;
        uint256 overstated;
        uint256 seat;
        bool held;
    }

    /// @dev What everything pending is measured against, and what a restart returns to.
    struct Base {
        /// Zeros when the start or a restart is newer than it.
        IEpochSettlement.Settlement s;
        bytes32 digest;
        uint64 closeTime;
        uint256 seat;
        uint64 seatEpoch;
        /// Leaves of the trees of the newest active settlement.
        State leaves;
        /// Micro-USD that the payout leaf of the first account says beyond the totals.
        uint256 overstated;
        /// As the leaves, with escapes applied.
        State live;
        uint256 totalBalances;
        uint256 escaped;
        uint64 activeEpochs;
    }

    struct Sums {
        uint256 donatedStable;
        uint256 donatedFlk;
        uint256 burned;
        uint256[ACCOUNTS] deposited;
        uint256[ACCOUNTS] claimedStable;
        uint256[ACCOUNTS] claimedFlk;
        uint256[ACCOUNTS] escaped;
        uint256[ACCOUNTS] counted;
        uint64[ACCOUNTS] takenAt;
        bool everOverstated;
    }

    Committee[2] internal seats;
    uint256[2] internal secrets;
    /// @dev Which of the committees signs next, or NONE.
    uint256 internal seat;
    State internal tip;
    Base internal base;
    Sums internal sums;
    mapping(uint64 epoch => Waiting) internal waiting;

    function setUp() public virtual override {
        super.setUp();
        _limit(STABLE_LIMIT, FLK_LIMIT);
        settlement.setDelays(_delays(ESCAPE_AFTER, EXIT_FOR, RECOVER_AFTER));
        for (uint256 i = 0; i < 2; i++) {
            uint32[] memory members = new uint32[](4);
            for (uint32 j = 0; j < 4; j++) {
                members[j] = uint32(i) + j + 1;
                secrets[i] = addmod(secrets[i], secretOf(members[j]), BlsSigner.ORDER);
            }
            seats[i] = committeeOf(0, members);
        }
        sums.deposited[0] = TOP_UP;
        base.digest = settlement.latestDigest();
        base.closeTime = START;
        usd.approve(address(vault), type(uint256).max);
    }

    /// @notice The committee `which` for `epoch`.
    function seated(uint256 which, uint64 epoch) internal view returns (Committee memory committee) {
        committee = seats[which];
        committee.epoch = epoch;
    }

    function accountOf(uint256 index) internal pure returns (address) {
        if (index == 0) return ALICE;
        return index == 1 ? BOB : address(0xca401);
    }

    function otherOf(uint256 index) internal pure returns (address) {
        return address(uint160(0x9a9ee + index));
    }

    function sum(uint256[ACCOUNTS] memory parts) internal pure returns (uint256) {
        return parts[0] + parts[1] + parts[2];
    }

    // --- what nodes compute

    /// @notice Credits the deposits so far.
    function see(State memory state) internal view {
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            state.balance[i] += sums.deposited[i] - state.seen[i];
            state.seen[i] = sums.deposited[i];
        }
        state.l2Number = uint64(block.number);
    }

    /// @notice The next settlement: `state` is what the epoch leaves, `nextSeat` the next committee.
    function drawUp(
        State memory state,
        uint256 overstated,
        uint256 nextSeat
    ) internal view returns (IEpochSettlement.Settlement memory s) {
        IEpochSettlement.Status memory status = settlement.status();
        s.epoch = status.nextEpoch;
        s.previous = status.digest;
        uint64 last = newest.closeTime == 0 ? base.closeTime : newest.closeTime;
        s.closeTime = uint64(block.timestamp * 1000);
        if (s.closeTime <= last) s.closeTime = last + 1;
        s.l2Number = state.l2Number;
        s.totalBalances = sum(state.balance);
        s.totalPayoutStable = sum(state.stable);
        s.totalPayoutFlk = sum(state.flk);
        (bytes32[ACCOUNTS] memory payouts, bytes32[ACCOUNTS] memory balances) = trees(state, overstated);
        s.payoutRoot = pair(pair(payouts[0], payouts[1]), payouts[2]);
        s.balanceRoot = pair(pair(balances[0], balances[1]), balances[2]);
        s.slashListHash = keccak256("");
        if (nextSeat != NONE) s.nextCommitteeHash = settlement.hashCommittee(seated(nextSeat, s.epoch + 1));
    }

    function trees(
        State memory state,
        uint256 overstated
    ) internal pure returns (bytes32[ACCOUNTS] memory payouts, bytes32[ACCOUNTS] memory balances) {
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            uint256 stable = state.stable[i] + (i == 0 ? overstated : 0);
            payouts[i] = singleLeaf(accountOf(i), stable, state.flk[i]);
            balances[i] = singleLeaf(accountOf(i), state.balance[i], state.seen[i]);
        }
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    function proofOf(bytes32[ACCOUNTS] memory leaves, uint256 index) internal pure returns (bytes32[] memory proof) {
        if (index == 2) {
            proof = new bytes32[](1);
            proof[0] = pair(leaves[0], leaves[1]);
        } else {
            proof = new bytes32[](2);
            (proof[0], proof[1]) = (leaves[1 - index], leaves[2]);
        }
    }

    function claimOf(uint256 index) internal view returns (IEpochSettlement.Claim memory one) {
        State memory leaves = base.leaves;
        (bytes32[ACCOUNTS] memory payouts, ) = trees(leaves, base.overstated);
        one.account = accountOf(index);
        one.stable = leaves.stable[index] + (index == 0 ? base.overstated : 0);
        one.flk = leaves.flk[index];
        one.proof = proofOf(payouts, index);
    }

    // --- posting and activation

    /// @notice Posts `s`, which leaves `state`, signed by all of the committee but the member `absent`; 0 to 3, and by all otherwise.
    function post(
        IEpochSettlement.Settlement memory s,
        State memory state,
        uint256 overstated,
        uint256 nextSeat,
        uint256 absent
    ) internal returns (uint16 reasons) {
        uint256 secret = secrets[seat];
        uint32[] memory nonSigners = none;
        if (absent < 4) {
            nonSigners = ids(uint32(seat + absent + 1));
            secret = addmod(secret, BlsSigner.ORDER - secretOf(nonSigners[0]), BlsSigner.ORDER);
        }
        bytes memory signature = BlsSigner.sign(secret, settlement.settlementMessage(s));
        settlement.settle(newest, s, seated(seat, s.epoch), nonSigners, signature);
        reasons = _holds(s.epoch);
        waiting[s.epoch] = Waiting(s, state, overstated, nextSeat, reasons != 0);
        newest = s;
        tip = state;
        seat = nextSeat;
        sync();
        // Posting makes the one before active, or holds it.
        IEpochSettlement.Status memory status = settlement.status();
        if (s.epoch > status.firstPending) waiting[s.epoch - 1].held = _holds(s.epoch - 1) != 0;
    }

    /// @notice Follows what became active, which must be the next in line, and must not have been held.
    function sync() internal {
        IEpochSettlement.Status memory status = settlement.status();
        if (status.activeEpochs == base.activeEpochs) return;
        base.activeEpochs = status.activeEpochs;
        Waiting storage active = waiting[status.activeEpochs - 1];
        vm.assertFalse(active.held);
        vm.assertEq(active.s.previous, base.digest);
        vm.assertGe(active.s.closeTime, base.closeTime + 1);
        vm.assertGe(active.s.totalPayoutStable, sum(base.live.stable));
        vm.assertGe(active.s.totalPayoutFlk, sum(base.live.flk));
        base.s = active.s;
        base.digest = settlement.settlementDigest(active.s);
        base.closeTime = active.s.closeTime;
        (base.seat, base.seatEpoch) = (active.seat, status.activeEpochs);
        base.leaves = active.state;
        base.live = active.state;
        base.overstated = active.overstated;
        base.totalBalances = active.s.totalBalances;
        base.escaped = 0;
    }

    function openingNow() internal view returns (IEpochSettlement.Opening memory) {
        IEpochSettlement.Status memory status = settlement.status();
        return _opening(base.s, waiting[status.firstPending].s);
    }

    /// @notice After a restart or a recovery: nodes go back to what was active, with the escapes.
    function goBack(uint256 to, uint64 epoch) internal {
        IEpochSettlement.Status memory status = settlement.status();
        vm.assertEq(uint256(status.nextEpoch), epoch);
        vm.assertEq(uint256(status.firstPending), epoch);
        delete newest;
        delete base.s;
        base.digest = status.digest;
        (base.seat, base.seatEpoch, seat) = (to, epoch, to);
        tip = base.live;
    }

    function _bit(uint256 seed, uint256 shift, uint256 range) internal pure returns (uint256) {
        return (seed >> shift) % range;
    }

    function _within(uint256 value, uint256 max) internal pure returns (uint256) {
        return bound(value, 0, max);
    }
}
