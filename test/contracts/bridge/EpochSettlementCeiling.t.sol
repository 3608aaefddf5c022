// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
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
        IEpochSettlement.Settlement memory s = _upTo(START + YEAR - DAY, 0);
        _settle(s);
        uint256 granted = (SUPPLY * CEILING_BPS * (2 * DAY)) / (uint256(10_000) * YEAR);
        flk.burn((SUPPLY * 9) / 10);

        s = _upTo(START + YEAR + DAY, granted);
        _reach(s.closeTime);
        uint256 mintable = flk.mintable(s.closeTime);
        vm.assertLe(mintable, granted - 1);
        bytes32 digest = settlement.settlementDigest(s);
        bytes memory signature = _signed(s);
        _reach(s.closeTime);
        vm.expectEmit(address(settlement));
        emit Ev.Activated(1, digest, mintable);
        settlement.settle(newest, s, current, none, signature);
        (newest, current) = (s, committeeOf(2, firstNodes(4)));
        vm.assertEq(settlement.status().totalPayoutFlk, granted);
        vm.assertEq(_minted(), mintable);

        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, ALICE, 0, mintable, 0, mintable);
        settlement.claim(ALICE, 0, granted, noProof);
        vm.assertEq(flk.balanceOf(ALICE), mintable);
        vm.assertEq(uint256(settlement.claimed(ALICE).flk), mintable);
        vm.expectRevert(abi.encodeWithSelector(E.NotMintedYet.selector, ALICE, granted - mintable));
        settlement.claim(ALICE, 0, granted, noProof);

        s = _upTo(START + YEAR + 30 * DAY, granted);
        _settle(s);
        vm.assertEq(_minted(), granted);
        settlement.claim(ALICE, 0, granted, noProof);
        vm.assertEq(flk.balanceOf(ALICE), granted);
        vm.assertEq(flk.balanceOf(address(settlement)), 0);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, ALICE));
        settlement.claim(ALICE, 0, granted, noProof);
    }

    function test_TheStablecoinOfAClaimDoesNotWaitForItsFlk() public {
        _deposit(TOP_UP);
        flk.burn(SUPPLY);
        IEpochSettlement.Settlement memory s = _upTo(START + 5 * YEAR, 0);
        _settle(s);
        s = _upTo(START + 5 * YEAR + DAY, 7 ether);
        s.totalPayoutStable = 400;
        s.payoutRoot = singleLeaf(ALICE, 400, 7 ether);
        _settle(s);
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, ALICE, 400, 0, 400, 0);
        settlement.claim(ALICE, 400, 7 ether, noProof);
        vm.assertEq(usd.balanceOf(ALICE), 400);
        vm.expectRevert(abi.encodeWithSelector(E.NotMintedYet.selector, ALICE, 7 ether));
        settlement.claim(ALICE, 400, 7 ether, noProof);
    }

    /// @dev Whatever is granted and burned: every epoch settles, the ceiling holds, and nothing owed is lost.
    function testFuzz_NoGrantStopsASettlement(
        uint64[6] memory lengths,
        uint128[6] memory grants,
        uint128[6] memory burns
    ) public {
        (uint256 granted, uint256 minted, uint64 time) = (0, 0, START);
        for (uint256 i = 0; i < lengths.length; i++) {
            time += uint64(bound(lengths[i], 1, YEAR));
            granted += bound(grants[i], 0, SUPPLY);
            flk.burn(bound(burns[i], 0, flk.balanceOf(address(this))));
            IEpochSettlement.Settlement memory s = _upTo(time, granted);
            _reach(time);
            uint256 mintable = flk.mintable(time);
            _settle(s);
            minted += mintable < granted - minted ? mintable : granted - minted;
            vm.assertEq(_minted(), minted);
            vm.assertEq(flk.balanceOf(address(settlement)), minted);
        }
    }

    /// @dev The next settlement, which closes at `closeTime` and has granted ALICE `granted` wei in all.
    function _upTo(uint64 closeTime, uint256 granted) private view returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement();
        s.closeTime = closeTime;
        s.totalPayoutFlk = granted;
        s.payoutRoot = singleLeaf(ALICE, 0, granted);
    }

    function _minted() private view returns (uint256) {
        return settlement.status().mintedFlk;
    }
}
