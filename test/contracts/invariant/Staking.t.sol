// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {ISlasher, ISlasherErrors} from "../../../contracts/interfaces/ISlasher.sol";
import {Equivocation} from "../support/Equivocation.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {Walk} from "../support/Walk.sol";

/// @notice Owners of three nodes stake, lock, thaw, cancel, withdraw and rotate keys; they equivocate and are reported; governance changes what
/// that costs, and time and epochs go on. Keeps its own books to compare with.
contract StakingHandler is StakingFixture {
    uint32 private constant NODES = 3;
    /// @dev Epochs of a day, evidence for 7 days.
    uint64 private constant MAX_AGE = 7;
    address private constant OUT = address(0x007);

    uint256 private staked;
    uint256 private withdrawn;
    uint256 private slashed;
    uint256 private rewarded;
    uint256[NODES] private lost;
    /// @dev What must never happen, counted.
    uint256 public earlyWithdrawals;
    uint256 public shortenedLocks;
    uint256 public missedSlashes;
    uint64[NODES] private versions;
    /// @dev Of the first rotation.
    uint64[NODES] private replacedFrom;
    uint256[NODES] private peaks;

    constructor() {
        setUp();
        for (uint32 id = 1; id <= NODES; id++) _fund(_ownerOf(id));
    }

    function stake(uint8 index, uint256 amount) external {
        uint32 id = _pick(index);
        amount = bound(amount, 0, flk.balanceOf(_ownerOf(id)));
        if (amount == 0 || block.timestamp < staking.pausedUntil()) return;
        vm.prank(_ownerOf(id));
        staking.stake(id, amount);
        staked += amount;
        _peak(id);
    }

    function lock(uint8 index, uint64 duration) external {
        uint32 id = _pick(index);
        uint64 before = staking.node(id).lockedUntil;
        duration = uint64(bound(duration, 0, 60 days));
        if (block.timestamp + duration < before) return;
        vm.prank(_ownerOf(id));
        staking.lock(id, duration);
        if (staking.node(id).lockedUntil < before) shortenedLocks++;
    }

    function requestUnstake(uint8 index, uint256 amount) external {
        uint32 id = _pick(index);
        INodeStaking.NodeInfo memory info = staking.node(id);
        amount = bound(amount, 0, info.staked);
        if (amount == 0 || info.lockedUntil > block.timestamp) return;
        if (staking.thawingRequests(id).length == 32) return;
        vm.prank(_ownerOf(id));
        staking.requestUnstake(id, amount);
    }

    function cancelUnstake(uint8 index, uint8 which) external {
        uint32 id = _pick(index);
        INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(id);
        if (requests.length == 0) return;
        vm.prank(_ownerOf(id));
        staking.cancelUnstake(id, requests[which % requests.length].id);
        _peak(id);
    }

    function withdraw(uint8 index, uint8 which) external {
        uint32 id = _pick(index);
        INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(id);
        if (requests.length == 0) return;
        INodeStaking.ThawingRequest memory request = requests[which % requests.length];
        vm.prank(_ownerOf(id));
        try staking.withdraw(id, request.id, OUT) {
            withdrawn += request.amount;
            if (request.maturesAt > block.timestamp) earlyWithdrawals++;
        } catch {
            vm.assertLe(block.timestamp + 1, request.maturesAt);
        }
    }

    function withdrawMatured(uint8 index) external {
        uint32 id = _pick(index);
        INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(id);
        uint256 matured = 0;
        for (uint256 i = 0; i < requests.length; i++) {
            if (requests[i].maturesAt <= block.timestamp) matured += requests[i].amount;
        }
        if (matured == 0) return;
        vm.prank(_ownerOf(id));
        vm.assertEq(staking.withdrawMatured(id, OUT), matured);
        withdrawn += matured;
    }

    function equivocate(uint8 index, uint8 epoch) external {
        uint32 id = _pick(index);
        uint64 signed = uint64(bound(epoch, 0, settlement.nextEpoch() + 1));
        uint256 there = staking.slashable(id);
        if (there == 0 || slasher.isSlashed(id, signed)) return;
        uint256 before = flk.balanceOf(REPORTER);
        ISlasher.Evidence memory evidence = Equivocation.single(slasher, signed, _keyId(id, 0), secretOf(id));
        bool replaced = versions[id - 1] != 0 && signed > replacedFrom[id - 1] + 1;
        if (signed + MAX_AGE < settlement.nextEpoch()) vm.expectPartialRevert(ISlasherErrors.EpochTooOld.selector);
        else if (replaced) vm.expectPartialRevert(ISlasherErrors.KeyNotInForce.selector);
        uint256 taken = slasher.slashEquivocation(evidence, REPORTER);
        if (!slasher.isSlashed(id, signed)) return;
        _book(id, taken, flk.balanceOf(REPORTER) - before);
        uint256 expected = (there * parameters.get("equivocationSlashBps") + 9_999) / 10_000;
        if (taken != expected || !slasher.isSlashed(id, signed)) missedSlashes++;
    }

    /// @dev As an applied list does.
    function slashListed(uint8 index, uint256 amount) external {
        uint32 id = _pick(index);
        uint256 there = staking.slashable(id);
        amount = bound(amount, 0, there + 1 ether);
        vm.prank(address(slasher));
        uint256 taken = staking.slash(id, amount, address(0), 0);
        _book(id, taken, 0);
        if (taken != (amount < there ? amount : there)) missedSlashes++;
    }

    function rotate(uint8 index, uint256 secret) external {
        uint32 id = _pick(index);
        address by = _ownerOf(id);
        (bytes memory key, bytes memory proof) = _proven(bound(secret, 1, 1 << 250), by);
        if (staking.isKeyUsed(keccak256(key))) return;
        vm.prank(by);
        try staking.rotateKeys(id, key, proof) {
            if (++versions[id - 1] == 1) replacedFrom[id - 1] = settlement.nextEpoch() + 1;
        } catch {
            // Once per epoch.
            vm.assertTrue(versions[id - 1] != 0);
        }
    }

    function govern(uint16 slashBps, uint16 rewardBps) external {
        parameters.setSlashing(uint16(bound(slashBps, 1, 10_000)), uint16(bound(rewardBps, 0, 5_000)));
    }

    function pause(uint32 duration) external {
        if (block.timestamp < uint256(staking.pausedUntil()) + 14 days && staking.pausedUntil() != 0) return;
        staking.pauseFor(uint32(bound(duration, 1, 14 days)));
    }

    function passTime(uint32 time, bool settles) external {
        vm.warp(block.timestamp + bound(time, 0, THAW));
        if (settles) _nextEpoch();
    }

    // --- what must hold

    function checkConservation() external view {
        (uint256 total, uint256 thawing) = staking.totals();
        uint256 held = flk.balanceOf(address(staking));
        vm.assertEq(held, total + thawing);
        vm.assertEq(held, staked - withdrawn - slashed);
        vm.assertEq(flk.balanceOf(OUT), withdrawn);
        vm.assertEq(flk.balanceOf(REPORTER), rewarded);
        vm.assertEq(flk.totalSupply(), SUPPLY - (slashed - rewarded));
        vm.assertLe(rewarded, slashed / 2);
    }

    function checkNodes() external view {
        (uint256 sumStaked, uint256 sumThawing) = (0, 0);
        for (uint32 id = 1; id <= NODES; id++) {
            INodeStaking.NodeInfo memory info = staking.node(id);
            INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(id);
            uint256 requested = 0;
            for (uint256 i = 0; i < requests.length; i++) {
                vm.assertTrue(requests[i].amount != 0);
                requested += requests[i].amount;
            }
            vm.assertEq(requested, info.thawing);
            vm.assertEq(info.slashed, lost[id - 1]);
            vm.assertEq(votes.stakedUnits(_ownerOf(id)), uint256(info.staked) + info.thawing);
            vm.assertEq(staking.stakeBound(id), ((peaks[id - 1] + 1 ether - 1) / 1 ether) * 1 ether);
            sumStaked += info.staked;
            sumThawing += info.thawing;
        }
        (uint256 total, uint256 thawing) = staking.totals();
        vm.assertEq(sumStaked, total);
        vm.assertEq(sumThawing, thawing);
    }

    function checkKeys() external view {
        for (uint32 id = 1; id <= NODES; id++) {
            uint32 newest = staking.node(id).keyVersion;
            vm.assertEq(newest, versions[id - 1]);
            uint64 last = 0;
            for (uint32 version = 0; version <= newest; version++) {
                (uint32 by, uint32 known, uint64 from) = staking.keyOwner(keccak256(staking.keyOf(id, version)));
                vm.assertEq(by, id);
                vm.assertEq(known, version);
                if (version != 0) vm.assertGe(from, last + 1);
                vm.assertEq(staking.keyVersionAt(id, from), version);
                last = from;
            }
        }
    }

    function _peak(uint32 id) private {
        uint256 present = staking.node(id).staked;
        if (present > peaks[id - 1]) peaks[id - 1] = present;
    }

    function _book(uint32 id, uint256 taken, uint256 reward) private {
        slashed += taken;
        rewarded += reward;
        lost[id - 1] += taken;
        if (taken != 0 && staking.node(id).optedIn) missedSlashes++;
    }

    function _pick(uint8 index) private pure returns (uint32) {
        return 1 + (index % NODES);
    }

    function _ownerOf(uint32 id) private pure returns (address) {
        return address(uint160(0x1000 + id - 1));
    }
}

contract StakingInvariantTest is Walk {
    StakingHandler private handler;

    function setUp() public {
        handler = new StakingHandler();
        _walkOver(address(handler));
        _by(StakingHandler.stake.selector);
        _by(StakingHandler.lock.selector);
        _by(StakingHandler.requestUnstake.selector);
        _by(StakingHandler.cancelUnstake.selector);
        _by(StakingHandler.withdraw.selector);
        _by(StakingHandler.withdrawMatured.selector);
        _by(StakingHandler.equivocate.selector);
        _by(StakingHandler.slashListed.selector);
        _by(StakingHandler.rotate.selector);
        _by(StakingHandler.govern.selector);
        _by(StakingHandler.pause.selector);
        _by(StakingHandler.passTime.selector);
    }

    /// @dev One function: the fuzzer walks anew for each. Held is what was staked less what left and was slashed; each node's books agree with
    /// its requests, its votes and the sums; every key has one owner; no slash misses stake, nothing leaves early, no lock is shortened.
    function invariant_TheBooksBesideTheContractsAgree() public view {
        handler.checkConservation();
        handler.checkNodes();
        handler.checkKeys();
        vm.assertEq(handler.missedSlashes(), 0);
        vm.assertEq(handler.earlyWithdrawals(), 0);
        vm.assertEq(handler.shortenedLocks(), 0);
    }
}
