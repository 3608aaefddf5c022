// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {vm} from "../support/Vm.sol";

contract EpochSettlementClaimTest is SettlementFixture {
    function test_ClaimPaysTheDifferenceToTheAccountWhoeverAsks() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 7 ether);
        vm.prank(BOB);
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, 400, 7 ether, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
        vm.assertEq(usd.balanceOf(ALICE), 400);
        vm.assertEq(flk.balanceOf(ALICE), 7 ether);

        s = _payout(committeeOf(1, firstNodes(4)), ALICE, 1_000, 7 ether);
        settlement.claim(ALICE, 1_000, 7 ether, new bytes32[](0), s);
        vm.assertEq(usd.balanceOf(ALICE), 1_000);
        vm.assertEq(settlement.claimed(ALICE).stable, 1_000);
        vm.assertEq(settlement.claimed(ALICE).flk, 7 ether);
    }

    function test_ASecondClaimPaysNothing() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, ALICE));
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
    }

    function test_ClaimsAgainstTheNewestSettlementOnly() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory old = _payout(genesis, ALICE, 400, 0);
        _payout(committeeOf(1, firstNodes(4)), ALICE, 500, 0);
        bytes32 digest = settlement.settlementDigest(old);
        vm.expectRevert(abi.encodeWithSelector(E.NotLatestSettlement.selector, digest, settlement.latestDigest()));
        settlement.claim(ALICE, 400, 0, new bytes32[](0), old);
    }

    function testFuzz_RejectsAnyOtherLeaf(address account, uint256 stable, uint256 amount) public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 7 ether);
        vm.assume(account != ALICE || stable != 400 || amount != 7 ether);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(account, stable, amount, new bytes32[](0), s);
    }

    function test_RejectsALeafBelowWhatWasPaid() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 0);
        settlement.claim(ALICE, 400, 0, new bytes32[](0), s);
        s = nextSettlement(committeeOf(2, firstNodes(4)));
        s.payoutRoot = singleLeaf(ALICE, 399, 1);
        s.totalPayoutFlk = 1;
        _settle(s, committeeOf(1, firstNodes(4)));
        vm.expectRevert(abi.encodeWithSelector(E.ClaimedMoreBefore.selector, ALICE));
        settlement.claim(ALICE, 399, 1, new bytes32[](0), s);
    }

    function test_RejectsClaimsAboveTheTotals() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(1, firstNodes(4)));
        s.totalPayoutStable = 399;
        s.payoutRoot = singleLeaf(ALICE, 400, 0);
        _settle(s, genesis);
        vm.expectRevert(abi.encodeWithSelector(E.ClaimsExceedTotals.selector));
        settlement.claim(ALICE, 400, 0, new bytes32[](0), s);
    }

    // --- helpers

    function _payout(
        Committee memory current,
        address account,
        uint256 stable,
        uint256 amount
    ) private returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement(committeeOf(current.epoch + 1, firstNodes(4)));
        s.totalPayoutStable = stable;
        s.totalPayoutFlk = amount;
        s.payoutRoot = singleLeaf(account, stable, amount);
        _settle(s, current);
    }
}
