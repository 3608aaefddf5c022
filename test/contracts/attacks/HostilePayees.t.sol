// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    IEpochSettlement,
    IEpochSettlementErrors as E,
    IEpochSettlementTypes as T
} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {MockUSD} from "../../../contracts/mocks/MockUSD.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice A stablecoin whose issuer freezes accounts, and that calls who it pays.
contract OddUSD is MockUSD {
    error Frozen(address account);

    mapping(address account => bool) public frozen;
    mapping(address account => bool) public hooked;

    function freeze(address account, bool wanted) external {
        frozen[account] = wanted;
    }

    function hook(address account) external {
        hooked[account] = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (frozen[from] || frozen[to]) revert Frozen(to);
        super._update(from, to, value);
        if (hooked[to]) Payee(to).received();
    }
}

/// @notice Claims something while it is paid.
contract Payee {
    /// @notice Claims that were paid meanwhile.
    uint256 public paid;
    IEpochSettlement private immutable settlement;
    T.Claim private claim;

    constructor(IEpochSettlement target) {
        settlement = target;
    }

    function again(T.Claim calldata wanted) external {
        claim = wanted;
    }

    function received() external {
        T.Claim[] memory claims = new T.Claim[](1);
        claims[0] = claim;
        paid += settlement.claimMany(claims);
    }
}

/// @notice Payees that a claim must not be stopped, nor paid twice, by.
contract HostilePayeesTest is QueueFixture {
    function _makeUsd() internal override returns (MockUSD) {
        return new OddUSD();
    }

    function test_ABlacklistedPayeeStopsNobodyElse() public {
        T.Claim[] memory claims = _two(ALICE, BOB);
        OddUSD(address(usd)).freeze(ALICE, true);
        vm.assertEq(settlement.claimMany(claims), 1);
        vm.assertEq(usd.balanceOf(BOB), 600);
        vm.assertEq(uint256(settlement.claimed(ALICE).stable), 0);
        vm.assertEq(uint256(settlement.claimed(ALICE).flk), 0);
        // What it is owed waits for it, or goes to a payee that it names.
        vm.prank(ALICE);
        settlement.setPayee(address(0xa11ce2));
        settlement.claim(ALICE, claims[0].stable, claims[0].flk, claims[0].proof);
        vm.assertEq(usd.balanceOf(address(0xa11ce2)), 400);
        vm.assertEq(flk.balanceOf(address(0xa11ce2)), 1 ether);
    }

    function test_ABlacklistedPayeeIsStillPaidItsFlk() public {
        T.Claim[] memory claims = _two(ALICE, BOB);
        settlement.claim(ALICE, claims[0].stable, claims[0].flk, claims[0].proof);
        OddUSD(address(usd)).freeze(ALICE, true);
        IEpochSettlement.Settlement memory s = nextSettlement();
        (s.totalPayoutFlk, s.payoutRoot) = (3 ether, singleLeaf(ALICE, 400, 3 ether));
        _settle(s);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        settlement.claim(ALICE, 400, 3 ether, noProof);
        vm.assertEq(flk.balanceOf(ALICE), 3 ether);
    }

    function test_APayeeThatClaimsAgainWhileItIsPaidIsPaidOnce() public {
        Payee payee = new Payee(settlement);
        T.Claim[] memory claims = _two(address(payee), BOB);
        payee.again(claims[0]);
        OddUSD(address(usd)).hook(address(payee));
        settlement.claim(address(payee), 400, 1 ether, claims[0].proof);
        vm.assertEq(usd.balanceOf(address(payee)), 400);
        vm.assertEq(flk.balanceOf(address(payee)), 1 ether);
        vm.assertEq(usd.balanceOf(address(settlement)), 600);
        vm.assertEq(payee.paid(), 0);
    }

    function test_APayeeThatClaimsForAnotherWhileItIsPaidHasTheOtherPaid() public {
        Payee payee = new Payee(settlement);
        T.Claim[] memory claims = _two(address(payee), BOB);
        payee.again(claims[1]);
        OddUSD(address(usd)).hook(address(payee));
        settlement.claim(address(payee), 400, 1 ether, claims[0].proof);
        vm.assertEq(payee.paid(), 1);
        vm.assertEq(usd.balanceOf(address(payee)), 400);
        vm.assertEq(flk.balanceOf(address(payee)), 1 ether);
        vm.assertEq(usd.balanceOf(BOB), 600);
        vm.assertEq(usd.balanceOf(address(settlement)), 0);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, BOB));
        settlement.claim(BOB, 600, 0, claims[1].proof);
    }

    /// @dev An active settlement that pays `a` 400 and 1 FLK, and `b` 600.
    function _two(address a, address b) private returns (T.Claim[] memory claims) {
        bytes32 first = singleLeaf(a, 400, 1 ether);
        bytes32 second = singleLeaf(b, 600, 0);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.payoutRoot = first < second ? keccak256(bytes.concat(first, second)) : keccak256(bytes.concat(second, first));
        (s.totalPayoutStable, s.totalPayoutFlk) = (1_000, 1 ether);
        _settle(s);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        claims = new T.Claim[](2);
        claims[0] = T.Claim(a, 400, 1 ether, new bytes32[](1));
        claims[1] = T.Claim(b, 600, 0, new bytes32[](1));
        (claims[0].proof[0], claims[1].proof[0]) = (second, first);
    }
}
