// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {
    IEpochSettlement,
    IEpochSettlementErrors as E,
    IEpochSettlementTypes as T
} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {Vm, vm} from "../support/Vm.sol";

contract EpochSettlementClaimTest is SettlementFixture {
    function test_ClaimPaysTheDifferenceToTheAccountWhoeverAsks() public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 400, 7 ether);
        vm.prank(BOB);
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, ALICE, 400, 7 ether, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.assertEq(usd.balanceOf(ALICE), 400);
        vm.assertEq(flk.balanceOf(ALICE), 7 ether);

        _pay(ALICE, 1_000, 7 ether);
        settlement.claim(ALICE, 1_000, 7 ether, noProof);
        vm.assertEq(usd.balanceOf(ALICE), 1_000);
        vm.assertEq(settlement.claimed(ALICE).stable, 1_000);
        vm.assertEq(settlement.claimed(ALICE).flk, 7 ether);
    }

    function test_ASecondClaimPaysNothing() public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, ALICE));
        settlement.claim(ALICE, 400, 7 ether, noProof);
    }

    function test_TheLastUnitOfEitherTokenIsPaid() public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 1, 1);
        settlement.claim(ALICE, 1, 1, noProof);
        vm.assertEq(usd.balanceOf(ALICE), 1);
        vm.assertEq(flk.balanceOf(ALICE), 1);
    }

    function test_AClaimMovesOnlyTheTokenThatIsOwed() public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 400, 0);
        vm.recordLogs();
        settlement.claim(ALICE, 400, 0, noProof);
        vm.assertEq(_logsOf(address(flk)), 0);
        _pay(ALICE, 400, 7 ether);
        vm.recordLogs();
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.assertEq(_logsOf(address(usd)), 0);
    }

    function test_ClaimsAgainstTheNewestActiveSettlementOnly() public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 400, 0);
        _pay(ALICE, 500, 0);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(ALICE, 400, 0, noProof);
        settlement.claim(ALICE, 500, 0, noProof);
        vm.assertEq(usd.balanceOf(ALICE), 500);
    }

    function testFuzz_RejectsAnyOtherLeaf(address account, uint256 stable, uint256 amount) public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 400, 7 ether);
        vm.assume(account != ALICE || stable != 400 || amount != 7 ether);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(account, stable, amount, noProof);
    }

    function test_RejectsALeafBelowWhatWasPaid() public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 400, 0);
        settlement.claim(ALICE, 400, 0, noProof);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.payoutRoot = singleLeaf(ALICE, 399, 1);
        s.totalPayoutFlk = 1;
        _settle(s);
        vm.expectRevert(abi.encodeWithSelector(E.ClaimedMoreBefore.selector, ALICE));
        settlement.claim(ALICE, 399, 1, noProof);
    }

    function test_RejectsClaimsAboveTheTotals() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.totalPayoutStable = 399;
        s.payoutRoot = singleLeaf(ALICE, 400, 0);
        _settle(s);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(settlement), 399, 400)
        );
        settlement.claim(ALICE, 400, 0, noProof);
        vm.assertEq(usd.balanceOf(address(vault)), TOP_UP - 399);
    }

    // --- payees

    function test_ClaimsGoToThePayeeThatTheAccountNamed() public {
        _start();
        _deposit(TOP_UP);
        vm.prank(ALICE);
        vm.expectEmit(address(settlement));
        emit Ev.PayeeSet(ALICE, BOB);
        settlement.setPayee(BOB);
        vm.assertEq(settlement.payeeOf(ALICE), BOB);
        _pay(ALICE, 400, 7 ether);
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, BOB, 400, 7 ether, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.assertEq(usd.balanceOf(BOB), 400);
        vm.assertEq(flk.balanceOf(BOB), 7 ether);
        vm.assertEq(usd.balanceOf(ALICE), 0);
    }

    function test_APayeeIsTakenBackByNamingNobodyOrOneself() public {
        address[2] memory back = [address(0), ALICE];
        for (uint256 i = 0; i < back.length; i++) {
            vm.prank(ALICE);
            settlement.setPayee(BOB);
            vm.prank(ALICE);
            vm.expectEmit(address(settlement));
            emit Ev.PayeeSet(ALICE, ALICE);
            settlement.setPayee(back[i]);
            vm.assertEq(settlement.payeeOf(ALICE), ALICE);
            vm.assertFalse(settlement.claimed(ALICE).redirected);
        }
    }

    function test_SettingAPayeeKeepsWhatWasPaid() public {
        _start();
        _deposit(TOP_UP);
        _pay(ALICE, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.prank(ALICE);
        settlement.setPayee(BOB);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, ALICE));
        settlement.claim(ALICE, 400, 7 ether, noProof);
    }

    // --- many

    function test_ClaimsManyAndSkipsThoseThatFail() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = nextSettlement();
        (bytes32 a, bytes32 b) = (singleLeaf(ALICE, 400, 1 ether), singleLeaf(BOB, 600, 0));
        s.payoutRoot = a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
        (s.totalPayoutStable, s.totalPayoutFlk) = (1_000, 1 ether);
        _settle(s);
        IEpochSettlement.Claim[] memory claims = new IEpochSettlement.Claim[](3);
        claims[0] = T.Claim(ALICE, 400, 1 ether, _one(b));
        claims[1] = T.Claim(ALICE, 400, 1 ether, _one(b));
        claims[2] = T.Claim(BOB, 600, 0, _one(a));
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, ALICE, 400, 1 ether, 400, 1 ether);
        vm.expectEmit(address(settlement));
        emit Ev.ClaimFailed(ALICE, abi.encodeWithSelector(E.NothingToClaim.selector, ALICE));
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(BOB, BOB, 600, 0, 600, 0);
        vm.assertEq(settlement.claimMany(claims), 2);
        vm.assertEq(usd.balanceOf(ALICE), 400);
        vm.assertEq(usd.balanceOf(BOB), 600);
    }

    /// @dev Each pick is what ALICE is owed, or BOB, or more than that.
    function testFuzz_OfManyEachIsPaidOnceInAnyOrder(
        address caller,
        uint32[3] memory due,
        uint8[6] memory picks
    ) public {
        (uint256 a, uint256 b, uint256 c) = (uint256(due[0]) + 1, uint256(due[1]) + 1, uint256(due[2]));
        _owe(a, b, c);
        T.Claim[] memory claims = new T.Claim[](6);
        uint256 met = 0;
        for (uint256 i = 0; i < 6; i++) {
            uint256 pick = picks[i] % 3;
            if (pick == 0) claims[i] = T.Claim(ALICE, a, c, _one(singleLeaf(BOB, b, 0)));
            else claims[i] = T.Claim(BOB, pick == 1 ? b : b + 1, 0, _one(singleLeaf(ALICE, a, c)));
            met |= 1 << pick;
        }
        uint256 paid = (met & 1) + ((met >> 1) & 1);
        vm.recordLogs();
        vm.prank(caller);
        vm.assertEq(settlement.claimMany(claims), paid);
        vm.assertEq(_failures(), 6 - paid);
        vm.assertEq(usd.balanceOf(ALICE), met & 1 == 0 ? 0 : a);
        vm.assertEq(flk.balanceOf(ALICE), met & 1 == 0 ? 0 : c);
        vm.assertEq(usd.balanceOf(BOB), met & 2 == 0 ? 0 : b);
        vm.assertEq(usd.balanceOf(address(settlement)), (met & 1 == 0 ? a : 0) + (met & 2 == 0 ? b : 0));
    }

    function test_NothingCanBeClaimedBeforeAnythingIsActive() public {
        _start();
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(ALICE, 0, 0, noProof);
    }

    function _logsOf(address emitter) private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) if (logs[i].emitter == emitter) count++;
    }

    /// @dev Stablecoin to both, and `flkAmount` to ALICE.
    function _owe(uint256 alices, uint256 bobs, uint256 flkAmount) private {
        _start();
        _deposit(alices + bobs);
        IEpochSettlement.Settlement memory s = nextSettlement();
        (bytes32 a, bytes32 b) = (singleLeaf(ALICE, alices, flkAmount), singleLeaf(BOB, bobs, 0));
        s.payoutRoot = a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
        (s.totalPayoutStable, s.totalPayoutFlk) = (alices + bobs, flkAmount);
        _settle(s);
    }

    /// @dev Since `recordLogs`: each says whose claim it was, and why it failed.
    function _failures() private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].topics[0] != Ev.ClaimFailed.selector) continue;
            bytes4 reason = bytes4(abi.decode(logs[i].data, (bytes)));
            vm.assertTrue(reason == E.NothingToClaim.selector || reason == E.InvalidProof.selector);
            count++;
        }
    }

    function _one(bytes32 sibling) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = sibling;
    }
}
