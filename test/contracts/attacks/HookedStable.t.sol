// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {MockUSD} from "../../../contracts/mocks/MockUSD.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice A stablecoin that makes a call whenever it moves.
contract HookedUSD is MockUSD {
    address private target;
    bytes private data;
    uint256 public calls;
    uint256 public succeeded;

    function hook(address wanted, bytes calldata what) external {
        (target, data) = (wanted, what);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target == address(0)) return;
        calls++;
        (bool ok, ) = target.call(data);
        if (ok) succeeded++;
    }
}

/// @notice Calls that come while an activation moves the payouts, with the head of the queue in memory: what they changed would be written over.
contract HookedStableTest is QueueFixture {
    IEpochSettlement.Settlement private nothing;
    IEpochSettlement.Settlement private due;
    IEpochSettlement.Settlement private behind;
    Committee private wrong;

    function _makeUsd() internal override returns (MockUSD) {
        return new HookedUSD();
    }

    function setUp() public override {
        super.setUp();
        due = _pay(ALICE, 400, 0);
        wrong = committeeOf(7, firstNodes(4));
        behind = nextSettlement(wrong);
        _settle(behind, wrong);
        vm.warp(block.timestamp + ESCAPE_DELAY);
    }

    function test_AnActivationIsNotFrozenMeanwhile() public {
        _activatesInSpiteOf(abi.encodeCall(settlement.freeze, (_opening(nothing, due))));
        vm.assertFalse(settlement.status().frozen);
        (bool open, bytes32 root, uint64 l2Number, ) = settlement.escapeRoot();
        vm.assertFalse(open);
        vm.assertEq(root, bytes32(0));
        vm.assertEq(uint256(l2Number), 0);
    }

    function test_NoCommitteeIsChallengedMeanwhile() public {
        _activatesInSpiteOf(abi.encodeCall(settlement.challengeCommittee, (behind, wrong)));
        vm.assertEq(uint256(_holds(1)), 0);
        settlement.challengeCommittee(behind, wrong);
        vm.assertEq(uint256(_holds(1)), settlement.HELD_COMMITTEE());
    }

    function test_TheGuardianVetoesNothingMeanwhile() public {
        manager.grantRole(manager.ADMIN_ROLE(), address(usd), 0);
        _activatesInSpiteOf(abi.encodeCall(settlement.veto, (1)));
        vm.assertEq(uint256(_holds(1)), 0);
    }

    /// @dev The guard opens again within the transaction.
    function test_CallsThatFollowEachOtherAreNotNested() public {
        settlement.veto(1);
        settlement.release(1);
        settlement.veto(1);
        vm.assertTrue(settlement.activate(due));
        settlement.release(1);
    }

    function _activatesInSpiteOf(bytes memory call) private {
        HookedUSD token = HookedUSD(address(usd));
        token.hook(address(settlement), call);
        vm.assertTrue(settlement.activate(due));
        vm.assertEq(token.calls(), 1);
        vm.assertEq(token.succeeded(), 0);
        vm.assertEq(uint256(settlement.status().activeEpochs), 1);
        token.hook(address(0), "");
    }
}

/// @notice Calls that come while a posting moves the payouts of the settlement before it.
contract HookedPostingTest is QueueFixture {
    function _makeUsd() internal override returns (MockUSD) {
        return new HookedUSD();
    }

    function test_ThePayoutsLeaveTheVaultOnce() public {
        IEpochSettlement.Settlement memory due = _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        HookedUSD(address(usd)).hook(address(settlement), abi.encodeCall(settlement.activate, (due)));
        _settle(nextSettlement());
        vm.assertEq(HookedUSD(address(usd)).calls(), 1);
        vm.assertEq(HookedUSD(address(usd)).succeeded(), 0);
        vm.assertEq(usd.balanceOf(address(settlement)), 400);
        vm.assertEq(usd.balanceOf(address(vault)), TOP_UP - 400);
    }
}

/// @notice Calls that come while a deposit arrives, which is counted as what the vault holds more of afterwards: nothing may leave meanwhile.
contract HookedDepositTest is QueueFixture {
    IEpochSettlement.Settlement private nothing;

    function _makeUsd() internal override returns (MockUSD) {
        return new HookedUSD();
    }

    function setUp() public override {
        super.setUp();
        IEpochSettlement.Settlement memory active = nextSettlement();
        (active.totalBalances, active.balanceRoot) = (TOP_UP, singleLeaf(ALICE, TOP_UP, TOP_UP));
        active.l2Number = uint64(block.number);
        _settle(active);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(active);
        vm.roll(block.number + 1);
        _depositFor(BOB, 30);
        vm.warp(block.timestamp + ESCAPE_DELAY);
        settlement.freeze(_opening(active, nothing));
    }

    function test_NobodyEscapesMeanwhile() public {
        _depositsInSpiteOf(abi.encodeCall(vault.escape, (ALICE, TOP_UP, TOP_UP, noProof)));
        vault.escape(ALICE, TOP_UP, TOP_UP, noProof);
    }

    function test_NobodyWhoWasNeverSeenEscapesMeanwhile() public {
        _depositsInSpiteOf(abi.encodeCall(vault.escapeUnseen, (BOB)));
        vault.escapeUnseen(BOB);
    }

    function _depositsInSpiteOf(bytes memory call) private {
        HookedUSD token = HookedUSD(address(usd));
        token.mint(address(this), 2 * TOP_UP);
        token.approve(address(vault), 2 * TOP_UP);
        token.hook(address(vault), call);
        vault.deposit(address(this), 2 * TOP_UP);
        vm.assertEq(token.calls(), 1);
        vm.assertEq(token.succeeded(), 0);
        vm.assertEq(vault.deposited(address(this)), 2 * TOP_UP);
        token.hook(address(0), "");
    }
}
