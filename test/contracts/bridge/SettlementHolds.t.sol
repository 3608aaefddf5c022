// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {
    IEpochSettlement,
    IEpochSettlementErrors as E,
    IEpochSettlementEvents as Ev
} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {bound, vm} from "../support/Vm.sol";

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

    /// @dev One is active, three wait, of which the guardian vetoed some.
    function testFuzz_GovernanceAloneReleasesOneThatIsHeld(address caller, uint64 epoch, uint8 vetoed) public {
        vm.assume(caller != address(this));
        if (vetoed & 8 != 0) epoch = uint64(bound(epoch, 0, 4));
        _waiting();
        for (uint64 i = 1; i < 4; i++) if (_bit(vetoed, i)) settlement.veto(i);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        settlement.release(epoch);
        bool pending = epoch > 0 && epoch < 4;
        if (!pending) vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, epoch));
        else if (!_bit(vetoed, epoch)) vm.expectRevert(abi.encodeWithSelector(E.NotHeld.selector, epoch));
        else {
            (bytes32 digest, , ) = settlement.pending(epoch);
            vm.expectEmit(address(settlement));
            emit Ev.Released(epoch, digest);
        }
        settlement.release(epoch);
        for (uint64 i = 1; i < 4; i++) {
            vm.assertEq(uint256(_holds(i)), _bit(vetoed, i) && i != epoch ? settlement.HELD_VETO() : 0);
        }
        vm.assertEq(usd.balanceOf(address(settlement)), 400);
    }

    function _waiting() private {
        IEpochSettlement.Settlement memory first = _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(first);
        for (uint256 i = 1; i < 4; i++) _pay(ALICE, 400 + i, 0);
    }

    function _bit(uint8 set, uint64 epoch) private pure returns (bool) {
        return (set >> (epoch - 1)) & 1 == 1;
    }

    function _post(IEpochSettlement.Settlement memory s) private {
        settlement.settle(newest, s, current, none, _signed(s));
    }

    function _contradictions() private view returns (uint16) {
        return settlement.HELD_TOTALS() | settlement.HELD_CLOSE_TIME();
    }
}
