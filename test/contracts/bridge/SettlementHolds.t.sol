// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice Of a held settlement every reason is said, also when it was released and contradicts still; numbers that fit are no reason.
contract SettlementHoldsTest is QueueFixture {
    function test_TheLargestNumbersThatFitAreNotHeld() public {
        vm.warp(type(uint48).max / 1000);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.closeTime = type(uint48).max;
        (s.totalPayoutStable, s.totalPayoutFlk) = (type(uint64).max, type(uint96).max);
        s.totalBalances = type(uint64).max;
        _post(s);
        vm.assertEq(uint256(_holds(0)), 0);
    }

    function test_ACloseTimeThatDoesNotMoveIsSaidBesideEverythingElse() public {
        _pay(ALICE, 400, 0);
        IEpochSettlement.Settlement memory s = nextSettlement();
        (s.closeTime, s.totalPayoutStable, s.nextCommitteeHash) = (newest.closeTime, 399, 0);
        _post(s);
        vm.assertEq(uint256(_holds(1)), _contradictions() | settlement.HELD_NO_COMMITTEE());
    }

    function test_ACloseTimeFarAheadIsSaidBesideEverythingElseAlsoWhenReleased() public {
        IEpochSettlement.Settlement memory before = _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(before);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.totalPayoutStable = 399;
        s.closeTime = uint64((block.timestamp + 30 days) * 1000);
        _post(s);
        vm.assertEq(uint256(_holds(1)), _contradictions());
        settlement.release(1);
        vm.warp(block.timestamp + DELAY);
        vm.assertFalse(settlement.activate(s));
        vm.assertEq(uint256(_holds(1)), _contradictions());
    }

    function _post(IEpochSettlement.Settlement memory s) private {
        settlement.settle(newest, s, current, none, _signed(s));
    }

    function _contradictions() private view returns (uint16) {
        return settlement.HELD_TOTALS() | settlement.HELD_CLOSE_TIME();
    }
}
