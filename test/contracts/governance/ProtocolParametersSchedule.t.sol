// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    IProtocolParameters as I,
    IProtocolParametersErrors as E
} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {IEpochSettlementTypes as T} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice When values come into force, and rule THAW. Epochs of a day, evidence for 7 days: 9 days of thawing, and any activation delay.
contract ProtocolParametersScheduleTest is SettlementFixture {
    bytes32 private constant KEY = "minStake";
    bytes32 private constant THAW_KEY = "thawPeriod";

    function setUp() public override {
        super.setUp();
        _start();
    }

    function test_AValueIsInForceFromTheNextEpochOn() public {
        _nextEpoch();
        vm.expectEmit(address(parameters));
        emit I.ParameterSet(KEY, 7);
        vm.expectEmit(address(parameters));
        emit I.ParameterScheduled(KEY, 7, 2);
        parameters.setMinStake(7);
        vm.assertEq(parameters.get(KEY), MIN_STAKE);
        _scheduled(7, 2);
        _nextEpoch();
        vm.assertEq(parameters.get(KEY), 7);
        _scheduled(7, 0);
        vm.assertEq(parameters.all()[9].value, 7);
    }

    function test_SetAgainBeforeItReplacesWhatIsScheduledOnly() public {
        parameters.setMinStake(7);
        parameters.setMinStake(8);
        vm.assertEq(parameters.get(KEY), MIN_STAKE);
        vm.assertEq(parameters.all()[9].value, MIN_STAKE);
        _scheduled(8, 1);
        _nextEpoch();
        vm.assertEq(parameters.get(KEY), 8);
    }

    function test_TheLowestKnowsTheValueBeforeTheLastChange() public {
        parameters.setMinStake(3_000);
        vm.assertEq(parameters.lowest(KEY), 3_000);
        _nextEpoch();
        vm.assertEq(parameters.lowest(KEY), 3_000);
        parameters.setMinStake(5_000);
        // in force 3000, scheduled 5000, before 1000 FLK
        vm.assertEq(parameters.lowest(KEY), 3_000);
        _nextEpoch();
        vm.assertEq(parameters.lowest(KEY), 3_000);
        parameters.setMinStake(6_000);
        vm.assertEq(parameters.lowest(KEY), 3_000);
        _nextEpoch();
        vm.assertEq(parameters.lowest(KEY), 5_000);
    }

    /// @dev Against a plain model of the three values.
    function testFuzz_FollowsTheModel(uint128[5] memory values, uint8 boundaries) public {
        (uint256 older, uint256 inForce, uint256 next) = (MIN_STAKE, MIN_STAKE, MIN_STAKE);
        bool pending = false;
        for (uint256 i = 0; i < values.length; i++) {
            uint256 value = bound(values[i], 1, type(uint128).max);
            parameters.setMinStake(uint128(value));
            if (!pending && i != 0) (older, inForce) = (inForce, next);
            (next, pending) = (value, true);
            vm.assertEq(parameters.get(KEY), inForce);
            _scheduled(value, settlement.nextEpoch() + 1);
            vm.assertEq(parameters.lowest(KEY), _min(_min(older, inForce), next));
            if ((boundaries >> i) & 1 == 0) continue;
            _nextEpoch();
            pending = false;
            vm.assertEq(parameters.get(KEY), next);
            vm.assertEq(parameters.lowest(KEY), _min(inForce, next));
        }
    }

    function testFuzz_ThawIsHeldToWhatItCovers(uint32 period) public {
        period = uint32(bound(period, 1, 365 days));
        if (period < 9 days) vm.expectRevert(abi.encodeWithSelector(E.ThawTooShort.selector, period, 9 days));
        parameters.setThawPeriod(period);
    }

    function testFuzz_EpochsAreHeldToTheThaw(uint64 length) public {
        length = uint64(bound(length, 1_000, 7 days * 1000));
        parameters.setThawPeriod(10 days);
        _nextEpoch();
        uint256 required = (2 * uint256(length) + 999) / 1000 + 7 days;
        if (required > 10 days) {
            vm.expectRevert(abi.encodeWithSelector(E.ThawTooShort.selector, 10 days, required));
        }
        parameters.setEpochLength(length);
    }

    function testFuzz_TheEvidenceWindowIsHeldToTheThaw(uint32 window) public {
        window = uint32(bound(window, 1, 365 days));
        uint256 required = uint256(window) + 2 days;
        if (required > THAW) vm.expectRevert(abi.encodeWithSelector(E.ThawTooShort.selector, THAW, required));
        parameters.setEvidenceWindow(window);
    }

    function test_LongerEpochsWaitForALongerThawInForce() public {
        parameters.setThawPeriod(10 days);
        _nextEpoch();
        parameters.setThawPeriod(21 days);
        bytes memory tooShort = abi.encodeWithSelector(E.ThawTooShort.selector, 10 days, 21 days);
        vm.expectRevert(tooShort);
        parameters.setEpochLength(7 days * 1000);
        _nextEpoch();
        parameters.setEpochLength(7 days * 1000);
    }

    function test_AShorterThawWaitsForShorterEpochsInForce() public {
        parameters.setEvidenceWindow(1 days);
        vm.expectRevert(abi.encodeWithSelector(E.ThawTooShort.selector, 3 days, 9 days));
        parameters.setThawPeriod(3 days);
        _nextEpoch();
        parameters.setThawPeriod(3 days);
    }

    function testFuzz_TheActivationDelayCountsToo(uint32 delay) public {
        delay = uint32(bound(delay, 0, 14 days));
        parameters.requireThaw(delay);
        settlement.setLimits(_delayed(delay));
        parameters.setThawPeriod(uint32(9 days) + delay);
        uint256 required = uint256(9 days) + delay;
        vm.expectRevert(abi.encodeWithSelector(E.ThawTooShort.selector, required - 1, required));
        parameters.setThawPeriod(uint32(9 days) + delay - 1);
    }

    function test_ADelayThatTheThawDoesNotCoverIsRefused() public {
        parameters.setThawPeriod(10 days);
        bytes memory tooShort = abi.encodeWithSelector(E.ThawTooShort.selector, 10 days, 10 days + 1);
        vm.expectRevert(tooShort);
        parameters.requireThaw(1 days + 1);
        T.Limits memory limits = _delayed(1 days + 1);
        vm.expectRevert(tooShort);
        settlement.setLimits(limits);
        parameters.requireThaw(1 days);
    }

    function _delayed(uint32 delay) private view returns (T.Limits memory limits) {
        limits = settlement.limits();
        limits.activationDelay = uint24(delay);
    }

    function _nextEpoch() private {
        _settle(nextSettlement());
    }

    function _scheduled(uint256 value, uint64 effectiveEpoch) private view {
        (uint256 next, uint64 from) = parameters.scheduled(KEY);
        vm.assertEq(next, value);
        vm.assertEq(from, effectiveEpoch);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
