// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {
    IEpochSettlement,
    IEpochSettlementErrors as E,
    IEpochSettlementEvents as Ev,
    IEpochSettlementTypes as T
} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {Vm, bound, vm} from "../support/Vm.sol";

/// @notice Takes no ETH, or spends all the gas that comes with it, or posts again while it is paid.
contract OddPoster {
    error NoEth();
    error PostedTwice();

    enum Mood {
        Refuse,
        Burn,
        Reenter
    }

    Mood public mood;
    bytes public again;
    address public target;

    constructor(Mood wanted, address settlement) {
        mood = wanted;
        target = settlement;
    }

    function post(bytes calldata data) external returns (bool ok) {
        again = data;
        (ok, ) = target.call(data);
    }

    receive() external payable {
        if (mood == Mood.Refuse) revert NoEth();
        if (mood == Mood.Burn) while (true) continue;
        (bool ok, ) = target.call(again);
        if (ok) revert PostedTwice();
    }
}

contract SettlementRefundTest is QueueFixture {
    uint256 private constant PRICE = 2 gwei;

    function setUp() public override {
        super.setUp();
        vm.deal(address(settlement), 1 ether);
        _refundAt(uint48(PRICE));
    }

    receive() external payable {}

    function test_APosterGetsItsGasBackAndNoMore() public {
        (uint256 paidBack, uint256 spent) = _post(PRICE);
        vm.assertTrue(paidBack != 0);
        // What it measures, and 30,000 + 4 a byte for the transaction itself, which a test does not pay.
        vm.assertLe(paidBack, (spent + 40_000) * PRICE);
        vm.assertGe(paidBack, (spent - 40_000) * PRICE);
    }

    /// @dev Solidity takes calldata that goes on behind the arguments.
    function test_AByteOfCalldataIsPaidBackAtTheLeastThatItCosts() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory data = abi.encodeCall(IEpochSettlement.settle, (newest, s, current, none, _signed(s)));
        // What is touched for the first time costs more.
        _paidFor(data);
        uint256 plain = _paidFor(data);
        vm.assertEq(_paidFor(bytes.concat(data, new bytes(1_000))) - plain, 4_000 * PRICE);
    }

    function test_ARefundIsAnEvent() public {
        vm.recordLogs();
        (uint256 paidBack, ) = _post(PRICE);
        (uint256 count, uint256 amount) = _refunds();
        vm.assertEq(count, 1);
        vm.assertEq(amount, paidBack);
        _refundAt(0);
        vm.recordLogs();
        _post(PRICE);
        (count, ) = _refunds();
        vm.assertEq(count, 0);
    }

    function test_WhatWasNotTakenIsNoRefund() public {
        vm.recordLogs();
        _postsAs(OddPoster.Mood.Refuse);
        (uint256 count, ) = _refunds();
        vm.assertEq(count, 0);
    }

    function test_AHighGasPriceIsNotPaidBack() public {
        (uint256 capped, ) = _post(100 * PRICE);
        vm.assertLe(capped, 1_000_000 * PRICE);
        vm.assertTrue(capped != 0);
    }

    function test_ALowGasPriceIsPaidBackAsItIs() public {
        (uint256 paidBack, uint256 spent) = _post(1);
        vm.assertLe(paidBack, spent + 40_000);
    }

    function test_NothingIsPaidWithoutETHOrWithoutAPrice() public {
        vm.deal(address(settlement), 0);
        (uint256 paidBack, ) = _post(PRICE);
        vm.assertEq(paidBack, 0);
        vm.deal(address(settlement), 1 ether);
        _refundAt(0);
        (paidBack, ) = _post(PRICE);
        vm.assertEq(paidBack, 0);
    }

    function test_TheLastOfTheETHIsPaid() public {
        vm.deal(address(settlement), 7);
        (uint256 paidBack, ) = _post(PRICE);
        vm.assertEq(paidBack, 7);
        vm.assertEq(address(settlement).balance, 0);
    }

    function test_APosterThatTakesNoETHStillPosts() public {
        (OddPoster poster, ) = _postsAs(OddPoster.Mood.Refuse);
        vm.assertEq(address(poster).balance, 0);
    }

    function test_APosterThatBurnsItsGasStillPosts() public {
        (OddPoster poster, uint256 spent) = _postsAs(OddPoster.Mood.Burn);
        vm.assertEq(address(poster).balance, 0);
        vm.assertLe(spent, 1_000_000);
    }

    function test_APosterThatPostsAgainWhileItIsPaidGetsNothingMore() public {
        vm.recordLogs();
        (OddPoster poster, ) = _postsAs(OddPoster.Mood.Reenter);
        (uint256 count, uint256 amount) = _refunds();
        vm.assertEq(count, 1);
        vm.assertEq(address(poster).balance, amount);
    }

    function test_GovernanceTakesTheETHBack() public {
        settlement.withdrawRefunds(payable(BOB), 1 ether);
        vm.assertEq(BOB.balance, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroRecipient.selector));
        settlement.withdrawRefunds(payable(address(0)), 0);
        vm.expectRevert(abi.encodeWithSelector(E.TransferFailed.selector, BOB));
        settlement.withdrawRefunds(payable(BOB), 1);
    }

    function testFuzz_GovernanceAloneTakesRefundsAndNoMoreThanThereIs(
        address caller,
        uint256 there,
        uint256 amount,
        bool near
    ) public {
        vm.assume(caller != address(this));
        there = bound(there, 0, 100 ether);
        if (near) amount = bound(amount, 0, 2 * there);
        vm.deal(address(settlement), there);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        settlement.withdrawRefunds(payable(BOB), amount);
        vm.assertEq(BOB.balance, 0);
        bool enough = amount <= there;
        if (!enough) vm.expectRevert(abi.encodeWithSelector(E.TransferFailed.selector, BOB));
        settlement.withdrawRefunds(payable(BOB), amount);
        vm.assertEq(BOB.balance, enough ? amount : 0);
        vm.assertEq(address(settlement).balance, enough ? there - amount : there);
        vm.assertEq(usd.balanceOf(address(vault)), TOP_UP);
    }

    /// @dev Of what was logged since `recordLogs`.
    function _refunds() private returns (uint256 count, uint256 amount) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].topics[0] != Ev.Refunded.selector) continue;
            count++;
            amount += abi.decode(logs[i].data, (uint256));
        }
    }

    function _refundAt(uint48 price) private {
        T.Limits memory limits = settlement.limits();
        limits.maxRefundGasPrice = price;
        settlement.setLimits(limits);
    }

    function _post(uint256 price) private returns (uint256 paidBack, uint256 spent) {
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory signature = _signed(s);
        _reach(s.closeTime);
        vm.txGasPrice(price);
        uint256 before = address(this).balance;
        uint256 gasBefore = gasleft();
        settlement.settle(newest, s, current, none, signature);
        spent = gasBefore - gasleft();
        paidBack = address(this).balance - before;
        (newest, current) = (s, committeeOf(s.epoch + 1, firstNodes(4)));
    }

    function _postsAs(OddPoster.Mood mood) private returns (OddPoster poster, uint256 spent) {
        poster = new OddPoster(mood, address(settlement));
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory data = abi.encodeCall(IEpochSettlement.settle, (newest, s, current, none, _signed(s)));
        vm.txGasPrice(PRICE);
        uint256 gasBefore = gasleft();
        vm.assertTrue(poster.post(data));
        spent = gasBefore - gasleft();
        vm.assertEq(uint256(settlement.nextEpoch()), 1);
    }

    /// @dev What the posting pays back, which is undone.
    function _paidFor(bytes memory data) private returns (uint256 paidBack) {
        uint256 snapshot = vm.snapshotState();
        vm.txGasPrice(PRICE);
        uint256 before = address(this).balance;
        (bool ok, ) = address(settlement).call(data);
        vm.assertTrue(ok);
        paidBack = address(this).balance - before;
        vm.revertToState(snapshot);
    }
}
