// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Settlements that owe more FLK than the token may mint yet.
contract EpochSettlementCeilingTest is SettlementFixture {
    uint64 private constant YEAR = 365 days * 1000;
    uint64 private constant DAY = 1 days * 1000;

    function setUp() public override {
        super.setUp();
        _start();
    }

    function test_AGrantOfTheWholeCeilingSurvivesABurnBeforeTheYearStarts() public {
        (IEpochSettlement.Settlement memory s, Committee memory next) = _upTo(START + YEAR - DAY, 0);
        _settle(s, genesis);
        uint256 granted = (SUPPLY * CEILING_BPS * (2 * DAY)) / (uint256(10_000) * YEAR);
        flk.burn((SUPPLY * 9) / 10);

        Committee memory current = next;
        (s, next) = _upTo(START + YEAR + DAY, granted);
        uint256 mintable = flk.mintable(s.closeTime);
        vm.assertLe(mintable, granted - 1);
        bytes32 digest = settlement.settlementDigest(s);
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        vm.expectEmit(address(settlement));
        emit Ev.Settled(1, digest, s, mintable);
        settlement.settle(s, current, none, signature);
        vm.assertEq(settlement.status().totalPayoutFlk, granted);
        vm.assertEq(settlement.status().mintedFlk, mintable);

        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, 0, mintable, 0, mintable);
        settlement.claim(ALICE, 0, granted, new bytes32[](0), s);
        vm.assertEq(flk.balanceOf(ALICE), mintable);
        vm.assertEq(uint256(settlement.claimed(ALICE).flk), mintable);
        vm.expectRevert(abi.encodeWithSelector(E.NotMintedYet.selector, ALICE, granted - mintable));
        settlement.claim(ALICE, 0, granted, new bytes32[](0), s);

        current = next;
        (s, next) = _upTo(START + YEAR + 30 * DAY, granted);
        _settle(s, current);
        vm.assertEq(settlement.status().mintedFlk, granted);
        settlement.claim(ALICE, 0, granted, new bytes32[](0), s);
        vm.assertEq(flk.balanceOf(ALICE), granted);
        vm.assertEq(flk.balanceOf(address(settlement)), 0);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, ALICE));
        settlement.claim(ALICE, 0, granted, new bytes32[](0), s);
    }

    function test_TheStablecoinOfAClaimDoesNotWaitForItsFlk() public {
        _deposit(TOP_UP);
        flk.burn(SUPPLY);
        (IEpochSettlement.Settlement memory s, Committee memory next) = _upTo(START + 5 * YEAR, 0);
        _settle(s, genesis);
        Committee memory current = next;
        (s, ) = _upTo(START + 5 * YEAR + DAY, 7 ether);
        s.totalPayoutStable = 400;
        s.payoutRoot = singleLeaf(ALICE, 400, 7 ether);
        _settle(s, current);
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, 400, 0, 400, 0);
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
        vm.assertEq(usd.balanceOf(ALICE), 400);
        vm.expectRevert(abi.encodeWithSelector(E.NotMintedYet.selector, ALICE, 7 ether));
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
    }

    /// @dev Whatever is granted and burned: every epoch settles, the ceiling holds, and nothing owed is lost.
    function testFuzz_NoGrantStopsASettlement(
        uint64[6] memory lengths,
        uint128[6] memory grants,
        uint128[6] memory burns
    ) public {
        Committee memory current = genesis;
        (uint256 granted, uint256 minted, uint64 time) = (0, 0, START);
        for (uint256 i = 0; i < lengths.length; i++) {
            time += uint64(bound(lengths[i], 1, YEAR));
            granted += bound(grants[i], 0, SUPPLY);
            flk.burn(bound(burns[i], 0, flk.balanceOf(address(this))));
            (IEpochSettlement.Settlement memory s, Committee memory next) = _upTo(time, granted);
            uint256 mintable = flk.mintable(time);
            _settle(s, current);
            minted += mintable < granted - minted ? mintable : granted - minted;
            vm.assertEq(uint256(settlement.status().mintedFlk), minted);
            vm.assertEq(flk.balanceOf(address(settlement)), minted);
            current = next;
        }
    }

    /// @dev The next settlement, which closes at `closeTime` and has granted ALICE `granted` wei in all.
    function _upTo(
        uint64 closeTime,
        uint256 granted
    ) private view returns (IEpochSettlement.Settlement memory s, Committee memory next) {
        next = committeeOf(settlement.nextEpoch() + 1, firstNodes(4));
        s = nextSettlement(next);
        s.closeTime = closeTime;
        s.totalPayoutFlk = granted;
        s.payoutRoot = singleLeaf(ALICE, 0, granted);
    }
}
