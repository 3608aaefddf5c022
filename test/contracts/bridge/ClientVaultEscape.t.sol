// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IClientVaultErrors as E, IClientVaultEvents as Ev} from "../../../contracts/interfaces/IClientVault.sol";
import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice What accounts take out while the settlement is frozen.
contract ClientVaultEscapeTest is QueueFixture {
    address private constant CAROL = address(0xca201);
    uint256 private constant BALANCE = TOP_UP - 400;
    IEpochSettlement.Settlement private active;
    IEpochSettlement.Settlement private nothing;
    Committee private named;

    /// @dev ALICE deposited TOP_UP and owns BALANCE of it; BOB was given 50 by her; CAROL deposits after the settlement.
    function setUp() public override {
        super.setUp();
        active = nextSettlement();
        active.totalPayoutStable = 350;
        active.totalBalances = BALANCE + 50;
        active.balanceRoot = _pair(_leaf(ALICE, BALANCE, TOP_UP), _leaf(BOB, 50, 0));
        active.l2Number = uint64(block.number);
        _settle(active);
        named = current;
        vm.warp(block.timestamp + DELAY);
        settlement.activate(active);
        vm.roll(block.number + 1);
    }

    function test_NobodyEscapesWithoutAFreeze() public {
        vm.expectRevert(abi.encodeWithSelector(E.NotFrozen.selector));
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vm.expectRevert(abi.encodeWithSelector(E.NotFrozen.selector));
        vault.escapeUnseen(CAROL);
    }

    function test_AnAccountTakesItsSettledBalanceWhoeverAsks() public {
        _freezeNow();
        vm.prank(CAROL);
        vm.expectEmit(address(vault));
        emit Ev.Escaped(ALICE, BALANCE, BALANCE, TOP_UP);
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vm.assertEq(usd.balanceOf(ALICE), BALANCE);
        vm.assertEq(vault.totalEscaped(), BALANCE);
    }

    function test_AnAccountTakesWhatItDepositedSince() public {
        _depositFor(ALICE, 7);
        _freezeNow();
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vm.assertEq(usd.balanceOf(ALICE), BALANCE + 7);
        vm.assertEq(uint256(vault.exitOf(ALICE).depositsCounted), TOP_UP + 7);
        vm.assertTrue(vault.exitOf(ALICE).takenAt != 0);
        vm.assertEq(uint256(vault.exitOf(BOB).takenAt), 0);
        _depositFor(CAROL, 9);
        vault.escapeUnseen(CAROL);
        vm.assertEq(vault.totalEscaped(), BALANCE + 7 + 9);
    }

    function test_NobodyTakesTwice() public {
        _freezeNow();
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vm.expectRevert(abi.encodeWithSelector(E.NothingToEscape.selector, ALICE));
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vm.expectPartialRevert(E.ProofNeeded.selector);
        vault.escapeUnseen(ALICE);
    }

    function test_ADepositDuringTheFreezeIsNotLost() public {
        _freezeNow();
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        _depositFor(ALICE, 9);
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vm.assertEq(usd.balanceOf(ALICE), BALANCE + 9);
    }

    function test_WhoOnlyReceivedEscapesToo() public {
        _freezeNow();
        vault.escape(BOB, 50, 0, _alicesLeaf());
        vm.assertEq(usd.balanceOf(BOB), 50);
    }

    function test_WhoWasNeverSeenTakesItsDeposits() public {
        _depositFor(CAROL, 30);
        _freezeNow();
        vm.expectEmit(address(vault));
        emit Ev.Escaped(CAROL, 30, 0, 30);
        vault.escapeUnseen(CAROL);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToEscape.selector, CAROL));
        vault.escapeUnseen(CAROL);
        vm.assertEq(usd.balanceOf(CAROL), 30);
    }

    function test_WhoReceivedAndDepositedLaterTakesBothOnceInEitherOrder() public {
        _depositFor(BOB, 30);
        _freezeNow();
        uint256 snapshot = vm.snapshotState();
        vault.escapeUnseen(BOB);
        vault.escape(BOB, 50, 0, _alicesLeaf());
        vm.assertEq(usd.balanceOf(BOB), 80);
        vm.revertToState(snapshot);
        vault.escape(BOB, 50, 0, _alicesLeaf());
        vm.assertEq(usd.balanceOf(BOB), 80);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToEscape.selector, BOB));
        vault.escapeUnseen(BOB);
    }

    function test_AStrangerWithoutDepositsIsNotUnseen() public {
        _freezeNow();
        vm.expectRevert(abi.encodeWithSelector(E.ProofNeeded.selector, 0, active.l2Number));
        vault.escapeUnseen(CAROL);
    }

    function testFuzz_OnlyTheExactLeafEscapes(address account, uint256 balance, uint256 seen) public {
        vm.assume(account != ALICE || balance != BALANCE || seen != TOP_UP);
        _freezeNow();
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        vault.escape(account, balance, seen, _bobsLeaf());
    }

    /// @dev Seen are all whose first deposit was not made after the block that the newest active settlement saw.
    function testFuzz_TheUnseenTakeAllTheirDepositsOnce(address caller, uint32[2] memory sums, uint8 ahead) public {
        vm.roll(active.l2Number + (ahead % 3));
        (uint256 first, uint256 all) = (uint256(sums[0]) + 1, uint256(sums[0]) + sums[1] + 2);
        _depositFor(CAROL, first);
        vm.roll(block.number + 5);
        _depositFor(CAROL, all - first);
        _freezeNow();
        bool unseen = ahead % 3 != 0;
        if (unseen) {
            vm.expectEmit(address(vault));
            emit Ev.Escaped(CAROL, all, 0, all);
        } else vm.expectRevert(abi.encodeWithSelector(E.ProofNeeded.selector, active.l2Number, active.l2Number));
        vm.prank(caller);
        vault.escapeUnseen(CAROL);
        vm.assertEq(usd.balanceOf(CAROL), unseen ? all : 0);
        vm.assertEq(vault.totalEscaped(), unseen ? all : 0);
        vm.assertEq(usd.balanceOf(address(vault)), BALANCE + 50 + (unseen ? 0 : all));
        if (unseen) vm.expectRevert(abi.encodeWithSelector(E.NothingToEscape.selector, CAROL));
        else vm.expectPartialRevert(E.ProofNeeded.selector);
        vault.escapeUnseen(CAROL);
    }

    function testFuzz_NobodyIsUnseenWithoutAFreezeAndADeposit(address account, bool frozen) public {
        vm.assume(account != ALICE);
        if (frozen) _freezeNow();
        if (frozen) vm.expectRevert(abi.encodeWithSelector(E.ProofNeeded.selector, 0, active.l2Number));
        else vm.expectRevert(abi.encodeWithSelector(E.NotFrozen.selector));
        vault.escapeUnseen(account);
        vm.assertEq(usd.balanceOf(address(vault)), BALANCE + 50);
    }

    function test_TheSameRootPaysNobodyTwiceAcrossRestarts() public {
        _freezeNow();
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        _restartAndFreezeAgain(9);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToEscape.selector, ALICE));
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vault.escape(BOB, 50, 0, _alicesLeaf());
        vm.assertEq(usd.balanceOf(address(vault)), 0);
    }

    function test_ANewRootPaysWhatCameAfterTheEscape() public {
        _freezeNow();
        vault.escape(ALICE, BALANCE, TOP_UP, _bobsLeaf());
        vm.warp(block.timestamp + EXIT_WINDOW);
        settlement.restart(_opening(active, nothing), named, 9);
        current = Committee(9, named.members, named.aggregateKey);
        delete newest;
        _depositFor(ALICE, 100);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.totalPayoutStable = 350;
        s.totalBalances = 150;
        // The chain took her account as emptied, with TOP_UP seen, and saw the deposit after it.
        s.balanceRoot = _pair(_leaf(ALICE, 100, TOP_UP + 100), _leaf(BOB, 50, 0));
        s.l2Number = uint64(block.number);
        _settle(s);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(s, nothing));
        bytes32[] memory proof = _alicesLeaf();
        proof[0] = _leaf(BOB, 50, 0);
        vault.escape(ALICE, 100, TOP_UP + 100, proof);
        vm.assertEq(usd.balanceOf(ALICE), BALANCE + 100);
    }

    // --- helpers

    function _freezeNow() private {
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, nothing));
    }

    function _restartAndFreezeAgain(uint64 epoch) private {
        vm.warp(block.timestamp + EXIT_WINDOW);
        settlement.restart(_opening(active, nothing), named, epoch);
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(nothing, nothing));
    }

    function _leaf(address account, uint256 balance, uint256 seen) private pure returns (bytes32) {
        return singleLeaf(account, balance, seen);
    }

    function _bobsLeaf() private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = _leaf(BOB, 50, 0);
    }

    function _alicesLeaf() private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = _leaf(ALICE, BALANCE, TOP_UP);
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }
}

/// @notice The committee never settled anything.
contract ClientVaultEscapeBeforeAnySettlementTest is QueueFixture {
    IEpochSettlement.Opening private nothing;

    function test_EveryDepositIsUnseen() public {
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(nothing);
        vault.escapeUnseen(ALICE);
        vm.assertEq(usd.balanceOf(ALICE), TOP_UP);
        vm.assertEq(usd.balanceOf(address(vault)), 0);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        vault.escape(ALICE, TOP_UP, 0, noProof);
    }
}
