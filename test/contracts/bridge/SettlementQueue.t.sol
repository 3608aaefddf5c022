// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice How settlements wait, become active and are held.
contract SettlementQueueTest is QueueFixture {
    // --- activation

    function test_ASettlementPaysOnlyWhenItsDelayIsOver() public {
        _pay(ALICE, 400, 7 ether);
        uint64 due = uint64(block.timestamp + DELAY);
        vm.assertEq(uint256(settlement.status().activatesAt), due);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.expectRevert(abi.encodeWithSelector(E.NotDue.selector, 0, due));
        settlement.activate(newest);

        vm.warp(due);
        vm.expectEmit(address(settlement));
        emit Ev.Activated(0, settlement.settlementDigest(newest), 7 ether);
        vm.assertTrue(settlement.activate(newest));
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.assertEq(uint256(settlement.status().activeEpochs), 1);
        vm.assertEq(uint256(settlement.status().lastActivatedAt), due);
    }

    function test_ActivationMovesThePayoutsOutOfTheVault() public {
        _pay(ALICE, 400, 7 ether);
        vm.assertEq(usd.balanceOf(address(settlement)), 0);
        vm.assertEq(flk.balanceOf(address(settlement)), 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(newest);
        vm.assertEq(usd.balanceOf(address(settlement)), 400);
        vm.assertEq(usd.balanceOf(address(vault)), TOP_UP - 400);
        vm.assertEq(flk.balanceOf(address(settlement)), 7 ether);
    }

    function test_TheNextSettlementActivatesTheOneBefore() public {
        for (uint64 epoch = 0; epoch < 3; epoch++) {
            _pay(ALICE, 400 + epoch, 7 ether + epoch);
            vm.warp(block.timestamp + DELAY);
            _settle(nextSettlement());
            vm.assertEq(uint256(settlement.status().activeEpochs), 2 * epoch + 1);
            vm.assertEq(uint256(settlement.status().firstPending), 2 * epoch + 1);
            settlement.claim(ALICE, 400 + epoch, 7 ether + epoch, noProof);
            vm.warp(block.timestamp + DELAY);
        }
    }

    /// @dev Digest, head, payout root and totals: what each settlement costs for ever.
    function test_InSteadyStateASettlementWritesFourSlots() public {
        _pay(ALICE, 400, 7 ether);
        for (uint256 i = 1; i < 3; i++) {
            vm.warp(block.timestamp + DELAY);
            vm.record();
            _pay(ALICE, 400 + i, 7 ether + i);
            (, bytes32[] memory writes) = vm.accesses(address(settlement));
            vm.assertEq(_distinct(writes), 4);
        }
    }

    function test_SeveralWaitAndBecomeActiveInOrder() public {
        IEpochSettlement.Settlement memory first = _pay(ALICE, 100, 0);
        IEpochSettlement.Settlement memory second = _pay(ALICE, 200, 0);
        IEpochSettlement.Settlement memory third = _pay(ALICE, 300, 0);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(E.NotFirst.selector, 1, 0));
        settlement.activate(second);
        settlement.activate(first);
        vm.expectRevert(abi.encodeWithSelector(E.NotFirst.selector, 2, 1));
        settlement.activate(third);
        settlement.activate(second);
        settlement.activate(third);
        vm.assertEq(usd.balanceOf(address(settlement)), 300);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 2));
        settlement.activate(third);
    }

    /// @dev Entries of mappings have slots far behind the fields.
    function test_WhatBecameActiveLeavesNothingInTheQueue() public {
        vm.record();
        IEpochSettlement.Settlement memory first = _pay(ALICE, 100, 0);
        IEpochSettlement.Settlement memory second = _pay(ALICE, 200, 0);
        _pay(ALICE, 300, 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(first);
        settlement.activate(second);
        (, bytes32[] memory writes) = vm.accesses(address(settlement));
        for (uint256 i = 0; i < writes.length; i++) {
            if (uint256(writes[i]) < type(uint64).max) continue;
            vm.assertEq(vm.load(address(settlement), writes[i]), bytes32(0));
        }
    }

    function test_OnlyThePostedSettlementBecomesActive() public {
        IEpochSettlement.Settlement memory s = _pay(ALICE, 100, 0);
        bytes32 posted = settlement.settlementDigest(s);
        vm.warp(block.timestamp + DELAY);
        s.payoutRoot = singleLeaf(BOB, 100, 0);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownSettlement.selector, settlement.settlementDigest(s), posted));
        settlement.activate(s);
    }

    function test_ViewsSayWhatIsPending() public {
        IEpochSettlement.Settlement memory first = _pay(ALICE, 100, 0);
        IEpochSettlement.Settlement memory second = _pay(ALICE, 200, 0);
        (bytes32 digest, uint64 due, uint16 reasons) = settlement.pending(0);
        vm.assertEq(digest, settlement.settlementDigest(first));
        vm.assertEq(uint256(reasons), 0);
        (digest, due, reasons) = settlement.pending(1);
        vm.assertEq(digest, settlement.settlementDigest(second));
        vm.assertEq(uint256(due), block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 2));
        settlement.pending(2);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(first);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 0));
        settlement.pending(0);
    }

    function test_ASlashListIsKnownOnceItsSettlementIsActive() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.slashListHash = keccak256(hex"0000000100000000000000000000000000000001");
        _settle(s);
        vm.assertEq(settlement.slashListHash(0), bytes32(0));
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        vm.assertEq(settlement.slashListHash(0), s.slashListHash);
        _settle(nextSettlement());
        vm.warp(block.timestamp + DELAY);
        settlement.activate(newest);
        vm.assertEq(settlement.slashListHash(1), bytes32(0));
    }

    // --- limits: a valid certificate never reverts

    function test_MoreStablecoinThanTheLimitIsHeld() public {
        _limit(400, type(uint96).max);
        _pay(ALICE, 400, 0);
        _pay(ALICE, 800, 0);
        vm.assertEq(uint256(_holds(0)), 0);
        vm.assertEq(uint256(_holds(1)), 0);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.totalPayoutStable = 1_201;
        bytes memory signature = _signed(s);
        vm.expectEmit(address(settlement));
        emit Ev.Settled(2, settlement.settlementDigest(s), s, uint64(block.timestamp + DELAY));
        vm.expectEmit(address(settlement));
        emit Ev.Held(2, settlement.settlementDigest(s), settlement.HELD_STABLE_LIMIT());
        settlement.settle(newest, s, current, none, signature);
        vm.assertEq(uint256(_holds(2)), settlement.HELD_STABLE_LIMIT());
    }

    function test_MoreFlkThanTheLimitIsHeld() public {
        _limit(type(uint64).max, 1 ether);
        _pay(ALICE, 0, 1 ether + 1);
        vm.assertEq(uint256(_holds(0)), settlement.HELD_FLK_LIMIT());
        _pay(ALICE, 0, 2 ether + 1);
        vm.assertEq(uint256(_holds(1)), 0);
    }

    function testFuzz_TotalsThatFallOrDoNotFitAreHeld(uint8 which) public {
        IEpochSettlement.Settlement memory s = _pay(ALICE, 400, 1 ether);
        s = nextSettlement();
        which = which % 5;
        if (which == 0) s.totalPayoutStable = 399;
        if (which == 1) s.totalPayoutFlk = 1 ether - 1;
        if (which == 2) s.totalPayoutStable = uint256(type(uint64).max) + 1;
        if (which == 3) s.totalPayoutFlk = uint256(type(uint96).max) + 1;
        if (which == 4) s.totalBalances = uint256(type(uint64).max) + 1;
        _settle(s);
        vm.assertEq(uint256(_holds(1)), settlement.HELD_TOTALS());
    }

    function test_ACloseTimeThatDoesNotMoveOrIsFarAheadIsHeld() public {
        _settle(nextSettlement());
        uint64[3] memory times = [
            newest.closeTime,
            uint64((block.timestamp + TOLERANCE) * 1000 + 1),
            uint64(type(uint48).max) + 1
        ];
        for (uint64 i = 0; i < times.length; i++) {
            uint256 snapshot = vm.snapshotState();
            IEpochSettlement.Settlement memory s = nextSettlement();
            s.closeTime = times[i];
            settlement.settle(newest, s, current, none, _signed(s));
            vm.assertEq(uint256(_holds(1)), settlement.HELD_CLOSE_TIME());
            vm.revertToState(snapshot);
        }
        IEpochSettlement.Settlement memory good = nextSettlement();
        good.closeTime = times[1] - 1;
        settlement.settle(newest, good, current, none, _signed(good));
        vm.assertEq(uint256(_holds(1)), 0);
    }

    function test_ASettlementWithoutNextCommitteeIsHeld() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.nextCommitteeHash = 0;
        _settle(s);
        vm.assertEq(uint256(_holds(0)), settlement.HELD_NO_COMMITTEE());
    }

    function test_ReasonsAddUp() public {
        _limit(0, 0);
        IEpochSettlement.Settlement memory s = nextSettlement();
        (s.totalPayoutStable, s.totalPayoutFlk, s.nextCommitteeHash) = (1, 1, 0);
        _settle(s);
        uint256 reasons = settlement.HELD_STABLE_LIMIT() | settlement.HELD_FLK_LIMIT() | settlement.HELD_NO_COMMITTEE();
        vm.assertEq(uint256(_holds(0)), reasons);
    }

    function testFuzz_WhatTheVaultCannotCoverIsHeldWhenItIsDue(uint64 balances, uint32 payout) public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        (s.totalBalances, s.totalPayoutStable) = (balances, payout);
        _settle(s);
        vm.assertEq(uint256(_holds(0)), 0);
        vm.warp(block.timestamp + DELAY);
        bool covered = uint256(balances) + payout <= TOP_UP;
        if (!covered) {
            vm.expectEmit(address(settlement));
            emit Ev.Held(0, settlement.settlementDigest(s), settlement.HELD_INSOLVENT());
        }
        vm.assertEq(settlement.activate(s) ? 1 : 0, covered ? 1 : 0);
        vm.assertEq(uint256(settlement.status().activeEpochs), covered ? 1 : 0);
    }

    function test_AnInsolventOneIsHeldByTheNextPostingToo() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.totalBalances = TOP_UP + 1;
        _settle(s);
        vm.warp(block.timestamp + DELAY);
        _settle(nextSettlement());
        vm.assertEq(uint256(_holds(0)), settlement.HELD_INSOLVENT());
        vm.assertEq(uint256(settlement.status().firstPending), 0);
        // Refilled by anyone and released by governance, it goes on.
        usd.mint(address(vault), 1);
        settlement.release(0);
        vm.assertTrue(settlement.activate(s));
    }

    // --- veto and release

    function test_TheGuardianVetoesInTheDelay() public {
        IEpochSettlement.Settlement memory s = _pay(ALICE, 400, 0);
        vm.expectEmit(address(settlement));
        emit Ev.Held(0, settlement.settlementDigest(s), settlement.HELD_VETO());
        settlement.veto(0);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(abi.encodeWithSelector(E.IsHeld.selector, 0, settlement.HELD_VETO()));
        settlement.activate(s);
    }

    function test_OnlyTheGuardianVetoesAndOnlyGovernanceReleases() public {
        _pay(ALICE, 400, 0);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ALICE);
        vm.prank(ALICE);
        vm.expectRevert(refused);
        settlement.veto(0);
        settlement.veto(0);
        vm.prank(ALICE);
        vm.expectRevert(refused);
        settlement.release(0);
    }

    function test_WhatIsDueCannotBeVetoed() public {
        _pay(ALICE, 400, 0);
        uint64 due = uint64(block.timestamp + DELAY);
        vm.warp(due);
        vm.expectRevert(abi.encodeWithSelector(E.VetoTooLate.selector, 0, due));
        settlement.veto(0);
    }

    function test_WhatWaitsBehindAHeldOneCanBeVetoedLater() public {
        _pay(ALICE, 400, 0);
        settlement.veto(0);
        _pay(ALICE, 500, 0);
        vm.warp(block.timestamp + 2 * DELAY);
        settlement.veto(1);
        vm.assertEq(uint256(_holds(1)), settlement.HELD_VETO());
    }

    function test_NothingElseCanBeVetoed() public {
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 0));
        settlement.veto(0);
    }

    function test_AReleasedSettlementGoesOnWhenItsDelayIsOver() public {
        IEpochSettlement.Settlement memory s = _pay(ALICE, 400, 0);
        settlement.veto(0);
        vm.expectEmit(address(settlement));
        emit Ev.Released(0, settlement.settlementDigest(s));
        settlement.release(0);
        vm.expectRevert(abi.encodeWithSelector(E.NotDue.selector, 0, uint64(block.timestamp + DELAY)));
        settlement.activate(s);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        settlement.claim(ALICE, 400, 0, noProof);
    }

    function test_OnlyWhatIsHeldIsReleased() public {
        _pay(ALICE, 400, 0);
        vm.expectRevert(abi.encodeWithSelector(E.NotHeld.selector, 0));
        settlement.release(0);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 1));
        settlement.release(1);
    }

    function test_PostingGoesOnBehindAHeldSettlement() public {
        IEpochSettlement.Settlement memory first = _pay(ALICE, 100, 0);
        settlement.veto(0);
        IEpochSettlement.Settlement[3] memory later;
        for (uint256 i = 0; i < 3; i++) {
            vm.warp(block.timestamp + DELAY);
            later[i] = _pay(ALICE, 200 + i, 0);
        }
        vm.assertEq(uint256(settlement.status().firstPending), 0);
        vm.assertEq(uint256(settlement.nextEpoch()), 4);
        settlement.release(0);
        settlement.activate(first);
        for (uint256 i = 0; i < 2; i++) settlement.activate(later[i]);
        settlement.claim(ALICE, 201, 0, noProof);
    }

    function test_AReleasedContradictionIsHeldAgainInsteadOfActivated() public {
        _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.totalPayoutStable = 1;
        _settle(s);
        settlement.release(1);
        vm.warp(block.timestamp + DELAY);
        vm.assertFalse(settlement.activate(s));
        vm.assertEq(uint256(_holds(1)), settlement.HELD_TOTALS());
        vm.assertEq(uint256(settlement.status().activeEpochs), 1);
    }

    function test_AReleasedCloseTimeBeforeTheActiveOneIsHeldAgain() public {
        IEpochSettlement.Settlement memory before = _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(before);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.closeTime = before.closeTime;
        _settle(s);
        settlement.release(1);
        vm.warp(block.timestamp + DELAY);
        vm.assertFalse(settlement.activate(s));
        vm.assertEq(uint256(_holds(1)), settlement.HELD_CLOSE_TIME());
    }

    function test_ACloseTimeAtTheStartIsHeldAlsoWhenReleased() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.closeTime = START;
        _settle(s);
        vm.assertEq(uint256(_holds(0)), settlement.HELD_CLOSE_TIME());
        settlement.release(0);
        vm.warp(block.timestamp + DELAY);
        vm.assertFalse(settlement.activate(s));
        vm.assertEq(uint256(_holds(0)), settlement.HELD_CLOSE_TIME());
    }

    function test_AReleasedCloseTimeIsHeldUntilTheClockIsThere() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.closeTime = uint64((block.timestamp + 30 days) * 1000);
        settlement.settle(newest, s, current, none, _signed(s));
        settlement.release(0);
        vm.warp(block.timestamp + DELAY);
        vm.assertFalse(settlement.activate(s));
        vm.assertEq(uint256(_holds(0)), settlement.HELD_CLOSE_TIME());
        vm.warp(s.closeTime / 1000);
        settlement.release(0);
        vm.assertTrue(settlement.activate(s));
    }

    function _distinct(bytes32[] memory slots) private pure returns (uint256 count) {
        for (uint256 i = 0; i < slots.length; i++) {
            uint256 j = 0;
            while (slots[j] != slots[i]) j++;
            if (j == i) count++;
        }
    }
}
