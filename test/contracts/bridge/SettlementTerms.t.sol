// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IProtocolParametersErrors as P} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice What governance sets about settlements. Epochs of a day.
contract SettlementTermsTest is QueueFixture {
    /// @dev The shortest escape: two epochs, two activation delays, one second.
    uint32 private constant SHORTEST = 2 days + 2 * DELAY + 1;
    uint256 private constant MOST = 365 days;

    function test_ALongerDelayNeedsALongerThaw() public {
        IEpochSettlement.Limits memory limits = settlement.limits();
        limits.activationDelay = 14 days + 1;
        bytes memory tooLong = abi.encodeWithSelector(E.InvalidDelay.selector, 14 days + 1, 0, 14 days);
        vm.expectRevert(tooLong);
        settlement.setLimits(limits);
        limits.activationDelay = 14 days;
        vm.expectEmit(address(settlement));
        emit Ev.LimitsSet(limits);
        settlement.setLimits(limits);
        vm.assertEq(settlement.activationDelay(), 14 days);
        parameters.setThawPeriod(uint32(23 days));
        vm.expectPartialRevert(P.ThawTooShort.selector);
        parameters.setThawPeriod(uint32(23 days - 1));
    }

    function testFuzz_ACloseTimeIsADayAheadAtMost(uint24 tolerance) public {
        IEpochSettlement.Limits memory limits = settlement.limits();
        limits.closeTimeTolerance = tolerance;
        if (tolerance > 1 days) {
            vm.expectRevert(abi.encodeWithSelector(E.InvalidDelay.selector, tolerance, 0, 1 days));
        }
        settlement.setLimits(limits);
    }

    function test_NoToleranceBeyondADay() public {
        IEpochSettlement.Limits memory limits = settlement.limits();
        limits.closeTimeTolerance = 1 days;
        settlement.setLimits(limits);
        limits.closeTimeTolerance = 1 days + 1;
        vm.expectRevert(abi.encodeWithSelector(E.InvalidDelay.selector, 1 days + 1, 0, 1 days));
        settlement.setLimits(limits);
    }

    // --- rule ESCAPE

    function testFuzz_EscapesWaitForEpochsAndDelays(uint32 escape) public {
        escape = uint32(bound(escape, 1, 300 days));
        _expectTooShort(escape, SHORTEST);
        settlement.setDelays(_delays(escape, 1, escape + 1));
    }

    function test_ADelayThatWouldOpenTheEscapeIsRefused() public {
        settlement.setDelays(_delays(SHORTEST, 1, SHORTEST + 1));
        IEpochSettlement.Limits memory limits = settlement.limits();
        settlement.setLimits(limits);
        limits.activationDelay = uint24(DELAY + 1);
        _expectTooShort(SHORTEST, SHORTEST + 2);
        settlement.setLimits(limits);
    }

    function testFuzz_EpochsThatWouldOpenTheEscapeAreRefused(uint64 length) public {
        settlement.setDelays(_delays(SHORTEST + 1 days, 1, 300 days));
        length = uint64(bound(length, 1_000, 7 days * 1000));
        _expectTooShort(SHORTEST + 1 days, (2 * uint256(length) + 999) / 1000 + 2 * DELAY + 1);
        parameters.setEpochLength(length);
    }

    /// @dev The longer of the lengths in force and scheduled.
    function test_ShorterEpochsAllowAnEarlierEscapeOnceTheyAreInForce() public {
        uint32 shorter = SHORTEST - 1 days;
        parameters.setEpochLength(12 hours * 1000);
        _expectTooShort(shorter, SHORTEST);
        settlement.setDelays(_delays(shorter, 1, shorter + 1));
        _settle(nextSettlement());
        settlement.setDelays(_delays(shorter, 1, shorter + 1));
        _expectTooShort(shorter, SHORTEST);
        parameters.setEpochLength(24 hours * 1000);
    }

    function test_NobodyFreezesANetworkThatSettlesInTime() public {
        settlement.setDelays(_delays(SHORTEST, 1, SHORTEST + 1));
        IEpochSettlement.Settlement memory nothing;
        IEpochSettlement.Settlement memory active;
        for (uint256 i = 0; i < 4; i++) {
            // An epoch, another one until the next is posted, and the delay.
            vm.warp(block.timestamp + 1 days);
            IEpochSettlement.Settlement memory s = nextSettlement();
            s.closeTime = uint64(block.timestamp * 1000);
            _settle(s);
            vm.warp(block.timestamp + 1 days + DELAY);
            vm.expectPartialRevert(E.EscapeNotOpen.selector);
            settlement.freeze(_opening(active, newest));
            settlement.activate(newest);
            active = newest;
            vm.expectPartialRevert(E.EscapeNotOpen.selector);
            settlement.freeze(_opening(active, nothing));
        }
    }

    // --- delays

    function test_DelaysKeepTheirOrder() public {
        uint32 escape = SHORTEST;
        _refusesDelays(_delays(escape, 0, escape + DELAY), 0, 1);
        _refusesDelays(_delays(escape, DELAY, escape + DELAY - 1), escape + DELAY - 1, escape + DELAY);
        _refusesDelays(_delays(escape, DELAY, uint32(MOST) + 1), MOST + 1, escape + DELAY);
        settlement.setDelays(_delays(escape, DELAY, uint32(MOST)));
        vm.expectEmit(address(settlement));
        emit Ev.DelaysSet(_delays(escape, DELAY, escape + DELAY));
        settlement.setDelays(_delays(escape, DELAY, escape + DELAY));
        vm.assertEq(uint256(settlement.delays().exitWindow), DELAY);
        vm.assertEq(settlement.escapeDelay(), escape);
    }

    function test_OnlyGovernanceSetsTerms() public {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ALICE);
        IEpochSettlement.Limits memory limits = settlement.limits();
        vm.prank(ALICE);
        vm.expectRevert(refused);
        settlement.setLimits(limits);
        vm.prank(ALICE);
        vm.expectRevert(refused);
        settlement.setDelays(longDelays());
        vm.prank(ALICE);
        vm.expectRevert(refused);
        settlement.withdrawRefunds(payable(ALICE), 0);
    }

    function _expectTooShort(uint256 escape, uint256 required) private {
        if (escape < required) vm.expectRevert(abi.encodeWithSelector(P.EscapeTooShort.selector, escape, required));
    }

    function _refusesDelays(IEpochSettlement.Delays memory wanted, uint256 delay, uint256 min) private {
        vm.expectRevert(abi.encodeWithSelector(E.InvalidDelay.selector, delay, min, MOST));
        settlement.setDelays(wanted);
    }
}
