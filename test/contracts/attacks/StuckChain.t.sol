// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    IEpochSettlement,
    IEpochSettlementErrors as E,
    IEpochSettlementTypes as T
} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {MockUSD} from "../../../contracts/mocks/MockUSD.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice A stablecoin that can be halted, as some are.
contract HaltedUSD is MockUSD {
    error Halted();

    bool public halted;

    function halt(bool wanted) external {
        halted = wanted;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (halted) revert Halted();
        super._update(from, to, value);
    }
}

/// @notice Limits, contradictions, a halted stablecoin, an empty vault: none stops the chain of settlements.
contract StuckChainTest is QueueFixture {
    function _makeUsd() internal override returns (MockUSD) {
        return new HaltedUSD();
    }

    function testFuzz_NothingThatACommitteeSignsStopsTheNextSettlement(
        uint256 balances,
        uint256 stable,
        uint256 flkAmount,
        uint64 closeTime,
        bytes32 root
    ) public {
        _limit(1_000, 1 ether);
        IEpochSettlement.Settlement memory s = nextSettlement();
        (s.totalBalances, s.totalPayoutStable, s.totalPayoutFlk) = (balances, stable, flkAmount);
        s.closeTime = uint64(bound(closeTime, 0, type(uint64).max - 30_000));
        s.payoutRoot = root;
        settlement.settle(newest, s, current, none, _signed(s));
        (newest, current) = (s, committeeOf(1, firstNodes(4)));
        vm.warp(block.timestamp + DELAY);
        IEpochSettlement.Settlement memory next = nextSettlement();
        next.closeTime = uint64(block.timestamp * 1000);
        settlement.settle(newest, next, current, none, _signed(next));
        vm.assertEq(uint256(settlement.nextEpoch()), 2);
    }

    function test_ACloseTimeOfZeroStopsNothingEither() public {
        testFuzz_NothingThatACommitteeSignsStopsTheNextSettlement(0, 0, 0, 0, 0);
        vm.assertEq(uint256(_holds(0)), settlement.HELD_CLOSE_TIME());
    }

    function test_AHaltedStablecoinDelaysPayoutsNotSettlements() public {
        IEpochSettlement.Settlement memory s = _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        HaltedUSD(address(usd)).halt(true);
        vm.expectRevert(abi.encodeWithSelector(E.PayoutFailed.selector, 400));
        settlement.activate(s);
        _pay(ALICE, 500, 0);
        vm.warp(block.timestamp + DELAY);
        _pay(ALICE, 600, 0);
        vm.assertEq(uint256(_holds(0)), 0);
        vm.assertEq(uint256(settlement.status().activeEpochs), 0);
        HaltedUSD(address(usd)).halt(false);
        vm.assertTrue(settlement.activate(s));
        settlement.claim(ALICE, 400, 0, noProof);
    }

    function test_AHaltedStablecoinDelaysAnUndelayedPayoutToo() public {
        T.Limits memory limits = settlement.limits();
        limits.activationDelay = 0;
        settlement.setLimits(limits);
        HaltedUSD(address(usd)).halt(true);
        IEpochSettlement.Settlement memory s = _pay(ALICE, 400, 0);
        vm.assertEq(uint256(_holds(0)), 0);
        HaltedUSD(address(usd)).halt(false);
        vm.assertTrue(settlement.activate(s));
    }

    function test_TooLittleGasForTheTransferHoldsNothing() public {
        IEpochSettlement.Settlement memory s = _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        for (uint256 gasGiven = 40_000; gasGiven < 200_000; gasGiven += 4_000) {
            uint256 snapshot = vm.snapshotState();
            (bool ok, ) = address(settlement).call{gas: gasGiven}(abi.encodeCall(settlement.activate, (s)));
            vm.assertEq(settlement.status().activeEpochs, ok ? 1 : 0);
            if (!ok) vm.assertEq(uint256(_holds(0)), 0);
            vm.revertToState(snapshot);
        }
    }
}
