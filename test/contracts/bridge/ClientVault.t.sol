// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ClientVault} from "../../../contracts/bridge/ClientVault.sol";
import {IClientVaultErrors as E, IClientVaultEvents as Ev} from "../../../contracts/interfaces/IClientVault.sol";
import {ITimedPause} from "../../../contracts/interfaces/ITimedPause.sol";
import {Reserved} from "../../../contracts/proxy/Reserved.sol";
import {Fixture} from "../support/Fixture.sol";
import {FeeToken, ReentrantToken} from "../support/OddTokens.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployVault} from "../support/Deploy.sol";

contract ClientVaultTest is Fixture {
    uint256 private constant PAYER_KEY = 0xca11e7;
    address private constant CLIENT = address(0xc11e);
    address private payer;

    function setUp() public override {
        super.setUp();
        payer = vm.addr(PAYER_KEY);
        usd.mint(payer, 1_000_000_000);
    }

    function testFuzz_DepositsAddUpPerBeneficiary(uint64 first, uint64 second) public {
        first = uint64(bound(first, 1, type(uint64).max / 2));
        second = uint64(bound(second, 1, type(uint64).max / 2));
        usd.mint(address(this), uint256(first) + second);
        usd.approve(address(vault), type(uint256).max);
        vm.expectEmit(address(vault));
        emit Ev.Deposited(CLIENT, address(this), first, first);
        vault.deposit(CLIENT, first);
        vm.expectEmit(address(vault));
        emit Ev.Deposited(CLIENT, address(this), second, uint256(first) + second);
        vault.deposit(CLIENT, second);
        vm.assertEq(vault.deposited(CLIENT), uint256(first) + second);
        vm.assertEq(vault.totalDeposited(), uint256(first) + second);
        vm.assertEq(usd.balanceOf(address(vault)), uint256(first) + second);
    }

    function test_RejectsNothingAndNobody() public {
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAmount.selector));
        vault.deposit(CLIENT, 0);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroBeneficiary.selector));
        vault.deposit(address(0), 1);
    }

    function test_RejectsMoreThan64BitsInAll() public {
        uint256 amount = uint256(type(uint64).max) + 1;
        usd.mint(address(this), amount);
        usd.approve(address(vault), amount);
        vm.expectRevert(abi.encodeWithSelector(E.DepositLimitExceeded.selector, amount));
        vault.deposit(CLIENT, amount);
        vault.deposit(CLIENT, amount - 1);
        vm.assertEq(vault.totalDeposited(), type(uint64).max);
    }

    function test_AnAccountIsNotOpenedWithLessThanTheMinimum() public {
        vault.setMinDeposit(10_000);
        usd.mint(address(this), 20_000);
        usd.approve(address(vault), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(E.DepositTooSmall.selector, 9_999, 10_000));
        vault.deposit(CLIENT, 9_999);
        vault.deposit(CLIENT, 10_000);
        vault.deposit(CLIENT, 1);
        vm.assertEq(vault.deposited(CLIENT), 10_001);
        vm.assertEq(vault.totalDeposited(), 10_001);
    }

    function test_AFeeOnTransferDoesNotHelpBelowTheMinimum() public {
        FeeToken token = new FeeToken();
        ClientVault other = _vaultOf(token, 1_000);
        token.approve(address(other), 2_000);
        vm.expectRevert(abi.encodeWithSelector(E.DepositTooSmall.selector, 990, 1_000));
        other.deposit(CLIENT, 1_000);
    }

    function test_OnlyGovernanceSetsTheMinimumAndNeverAbove100Usd() public {
        vm.expectEmit(address(vault));
        emit Ev.MinDepositSet(100_000_000);
        vault.setMinDeposit(100_000_000);
        vm.assertEq(vault.minDeposit(), 100_000_000);
        bytes memory tooHigh = abi.encodeWithSelector(E.MinDepositTooHigh.selector, 100_000_001, 100_000_000);
        vm.expectRevert(tooHigh);
        vault.setMinDeposit(100_000_001);
        ERC1967Proxy bare = new ERC1967Proxy(address(new Reserved()), abi.encodeCall(Reserved.reserve, ()));
        address implementation = address(deployVault(usd, settlement));
        vm.expectRevert(tooHigh);
        _upgrade(
            address(bare),
            implementation,
            abi.encodeCall(ClientVault.initialize, (address(manager), 100_000_001))
        );
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, payer));
        vault.setMinDeposit(0);
    }

    function testFuzz_TheMinimumIsWhatGovernanceSaysUpTo100Usd(address caller, uint256 amount, bool near) public {
        if (near) amount = bound(amount, 0, 200_000_000);
        bool governs = uint160(caller) % 2 == 0 || caller == address(this);
        if (governs) caller = address(this);
        vault.setMinDeposit(7);
        if (!governs) {
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        } else if (amount > 100_000_000) {
            vm.expectRevert(abi.encodeWithSelector(E.MinDepositTooHigh.selector, amount, 100_000_000));
        } else {
            vm.expectEmit(address(vault));
            emit Ev.MinDepositSet(amount);
        }
        vm.prank(caller);
        vault.setMinDeposit(amount);
        vm.assertEq(vault.minDeposit(), governs && amount <= 100_000_000 ? amount : 7);
    }

    function test_CountsWhatArrivedNotWhatWasSent() public {
        FeeToken token = new FeeToken();
        ClientVault other = _vaultOf(token, 0);
        token.approve(address(other), 1_000);
        other.deposit(CLIENT, 1_000);
        vm.assertEq(other.deposited(CLIENT), 990);
    }

    function test_ADepositWithinADepositIsRefused() public {
        ReentrantToken token = new ReentrantToken();
        ClientVault other = _vaultOf(token, 0);
        token.mint(address(this), 10);
        token.approve(address(other), 10);
        token.arm(other);
        bytes memory reentrant = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.expectRevert(reentrant);
        other.deposit(CLIENT, 10);
        // Without a permit, on the allowance.
        vm.expectRevert(reentrant);
        other.depositWithPermit(CLIENT, 10, 0, 0, 0, 0);
        vm.expectRevert(reentrant);
        other.depositWithAuthorization(address(this), CLIENT, 10, 0, 1, 0, "");
    }

    function testFuzz_APermitForAnyAccountMovesWhatItSaysOnce(address beneficiary, uint256 amount) public {
        vm.assume(beneficiary != address(0));
        amount = bound(amount, 1, 500_000_000);
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount);
        vm.expectEmit(address(vault));
        emit Ev.Deposited(beneficiary, payer, amount, amount);
        vm.prank(payer);
        vault.depositWithPermit(beneficiary, amount, block.timestamp, v, r, s);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(E.PermitFailed.selector));
        vault.depositWithPermit(beneficiary, amount, block.timestamp, v, r, s);
        _assertMoved(beneficiary, amount);
    }

    function test_APermitThatSomeoneElseSubmittedDoesNoHarm() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(500);
        usd.permit(payer, address(vault), 500, block.timestamp, v, r, s);
        vm.prank(payer);
        vault.depositWithPermit(CLIENT, 500, block.timestamp, v, r, s);
        vm.assertEq(vault.deposited(CLIENT), 500);
    }

    function test_ABadPermitWithoutAllowanceIsRefused() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(500);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(E.PermitFailed.selector));
        vault.depositWithPermit(CLIENT, 501, block.timestamp, v, r, s);
    }

    function test_APermitOfAnotherPayerDoesNotPayForTheCaller() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(500);
        vm.expectRevert(abi.encodeWithSelector(E.PermitFailed.selector));
        vault.depositWithPermit(address(this), 500, block.timestamp, v, r, s);
    }

    function testFuzz_NoOtherPermitMovesAnything(uint8 field, uint256 by, address caller) public {
        vm.assume(caller != payer);
        (uint256 amount, uint256 deadline, uint256 change) = (500, block.timestamp, bound(by, 1, 500_000_000));
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount);
        if (field % 6 == 0) amount += change;
        else if (field % 6 == 1) deadline += change;
        else if (field % 6 == 2) v ^= uint8(bound(by, 1, 255));
        else if (field % 6 == 3) r ^= bytes32(change);
        else if (field % 6 == 4) s ^= bytes32(change);
        vm.prank(field % 6 == 5 ? caller : payer);
        vm.expectRevert(abi.encodeWithSelector(E.PermitFailed.selector));
        vault.depositWithPermit(CLIENT, amount, deadline, v, r, s);
        _assertMoved(CLIENT, 0);
    }

    // --- ERC-3009

    function test_AnyoneSubmitsAnAuthorizedDeposit() public {
        bytes32 nonce = vault.authorizationNonce(CLIENT, "salt");
        bytes memory signature = _authorization(500, nonce);
        vm.expectEmit(address(vault));
        emit Ev.Deposited(CLIENT, payer, 500, 500);
        vault.depositWithAuthorization(payer, CLIENT, 500, 0, block.timestamp + 1, "salt", signature);
        vm.assertEq(usd.balanceOf(address(vault)), 500);
        vm.expectRevert();
        vault.depositWithAuthorization(payer, CLIENT, 500, 0, block.timestamp + 1, "salt", signature);
    }

    function test_AnAuthorizationAddsToWhatIsThere() public {
        _deposit(CLIENT, 300);
        bytes memory signature = _authorization(500, vault.authorizationNonce(CLIENT, "salt"));
        vault.depositWithAuthorization(payer, CLIENT, 500, 0, block.timestamp + 1, "salt", signature);
        vm.assertEq(vault.deposited(CLIENT), 800);
        vm.assertEq(vault.totalDeposited(), 800);
    }

    /// @dev The low 64 bits count in tokens whose nonces are ordered: only 0 was never used.
    function testFuzz_AuthorizationNoncesHaveARowOfTheirOwn(address beneficiary, bytes32 salt) public view {
        vm.assertEq(uint256(uint64(uint256(vault.authorizationNonce(beneficiary, salt)))), 0);
    }

    function testFuzz_AnAuthorizationIsBoundToItsBeneficiary(address other, bytes32 salt) public {
        vm.assume(other != CLIENT);
        bytes memory signature = _authorization(500, vault.authorizationNonce(CLIENT, salt));
        vm.expectRevert();
        vault.depositWithAuthorization(payer, other, 500, 0, block.timestamp + 1, salt, signature);
        vm.assertEq(vault.totalDeposited(), 0);
    }

    function test_AnAuthorizationOutOfItsTimeIsRefused() public {
        bytes memory signature = _authorization(500, vault.authorizationNonce(CLIENT, "salt"));
        vm.warp(block.timestamp + 1);
        vm.expectRevert();
        vault.depositWithAuthorization(payer, CLIENT, 500, 0, block.timestamp, "salt", signature);
    }

    // --- forced withdrawals

    function test_AnAccountAsksForItsMoneyOnTheL2() public {
        vault.setMinDeposit(100);
        _deposit(CLIENT, 500);
        vm.prank(CLIENT);
        vm.expectEmit(address(vault));
        emit Ev.WithdrawRequested(CLIENT, type(uint256).max);
        vault.requestWithdraw(type(uint256).max);
        vm.prank(CLIENT);
        vm.expectRevert(abi.encodeWithSelector(E.WithdrawalTooSmall.selector, 99, 100));
        vault.requestWithdraw(99);
        vm.prank(CLIENT);
        vault.requestWithdraw(100);
    }

    function test_OnlyAccountsThatDepositedAskAndNeverForNothing() public {
        vm.prank(CLIENT);
        vm.expectRevert(abi.encodeWithSelector(E.WithdrawalTooSmall.selector, 500, 1));
        vault.requestWithdraw(500);
        _deposit(CLIENT, 500);
        vm.prank(CLIENT);
        vm.expectRevert(abi.encodeWithSelector(E.WithdrawalTooSmall.selector, 0, 1));
        vault.requestWithdraw(0);
    }

    function testFuzz_AsksForAnythingFromTheMinimumOn(uint256 lowest, uint256 there, uint256 asked, bool near) public {
        lowest = bound(lowest, 0, 100_000_000);
        there = bound(there, 0, 3);
        if (near) asked = bound(asked, 0, 2 * lowest + 2);
        if (there != 0) _deposit(CLIENT, there);
        vault.setMinDeposit(lowest);
        uint256 least = lowest == 0 ? 1 : lowest;
        if (there == 0 || asked < least) {
            vm.expectRevert(abi.encodeWithSelector(E.WithdrawalTooSmall.selector, asked, least));
        } else {
            vm.expectEmit(address(vault));
            emit Ev.WithdrawRequested(CLIENT, asked);
        }
        vm.prank(CLIENT);
        vault.requestWithdraw(asked);
        vm.assertEq(vault.deposited(CLIENT), there);
        vm.assertEq(usd.balanceOf(address(vault)), there);
    }

    // --- pause

    function test_APauseStopsDepositsAndNothingElse() public {
        _deposit(CLIENT, 500);
        vm.expectEmit(address(vault));
        emit ITimedPause.Paused(uint40(block.timestamp + 1 days));
        vault.pauseFor(1 days);
        usd.approve(address(vault), type(uint256).max);
        usd.mint(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.IsPaused.selector, uint40(block.timestamp + 1 days)));
        vault.deposit(CLIENT, 1);
        vm.prank(CLIENT);
        vault.requestWithdraw(500);
        vm.warp(block.timestamp + 1 days);
        vault.deposit(CLIENT, 1);
    }

    function test_APauseIsNotFollowedByAnother() public {
        vault.pauseFor(14 days);
        uint40 next = uint40(block.timestamp + 28 days);
        vm.warp(next - 1);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.PauseTooSoon.selector, next));
        vault.pauseFor(1);
        vm.warp(next);
        vault.pauseFor(1);
        vm.assertEq(uint256(vault.pausedUntil()), next + 1);
    }

    function test_GovernanceEndsAPause() public {
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.NotPaused.selector));
        vault.unpause();
        vault.pauseFor(1 days);
        vault.unpause();
        _deposit(CLIENT, 1);
    }

    function test_StrangersNeitherPauseNorUnpause() public {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, payer);
        vm.prank(payer);
        vm.expectRevert(refused);
        vault.pauseFor(1);
        vm.prank(payer);
        vm.expectRevert(refused);
        vault.unpause();
        address implementation = address(deployVault(usd, settlement));
        vm.prank(payer);
        vm.expectRevert(refused);
        vault.upgradeToAndCall(implementation, "");
    }

    function test_TheImplementationCannotBeInitialised() public {
        ClientVault bare = deployVault(usd, settlement);
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        bare.initialize(address(this), 0);
    }

    function test_OnlyTheSettlementMovesTheStablecoin() public {
        _deposit(CLIENT, 500);
        vm.assertEq(usd.allowance(address(vault), address(settlement)), type(uint256).max);
        vm.expectRevert();
        usd.transferFrom(address(vault), address(this), 1);
        vm.assertEq(address(vault.stable()), address(usd));
        vm.assertEq(address(vault.settlement()), address(settlement));
    }

    function test_TheFirstDepositIsRemembered() public {
        vm.assertEq(vault.firstDepositBlock(CLIENT), 0);
        vm.roll(77);
        _deposit(CLIENT, 5);
        vm.roll(78);
        _deposit(CLIENT, 5);
        vm.assertEq(vault.firstDepositBlock(CLIENT), 77);
    }

    // --- helpers

    function _deposit(address account, uint256 amount) private {
        usd.mint(address(this), amount);
        usd.approve(address(vault), amount);
        vault.deposit(account, amount);
    }

    /// @dev Of what the payer has.
    function _assertMoved(address beneficiary, uint256 amount) private view {
        vm.assertEq(vault.deposited(beneficiary), amount);
        vm.assertEq(vault.totalDeposited(), amount);
        vm.assertEq(usd.balanceOf(address(vault)), amount);
        vm.assertEq(usd.balanceOf(payer), 1_000_000_000 - amount);
    }

    function _vaultOf(IERC20 token, uint256 lowest) private returns (ClientVault made) {
        address implementation = address(deployVault(token, settlement));
        bytes memory call = abi.encodeCall(ClientVault.initialize, (address(manager), lowest));
        made = ClientVault(address(new ERC1967Proxy(implementation, call)));
    }

    function _authorization(uint256 amount, bytes32 nonce) private view returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
        );
        bytes32 inner = keccak256(abi.encode(typeHash, payer, address(vault), amount, 0, block.timestamp + 1, nonce));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            PAYER_KEY,
            keccak256(abi.encodePacked("\x19\x01", usd.DOMAIN_SEPARATOR(), inner))
        );
        return abi.encodePacked(r, s, v);
    }

    function _permit(uint256 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 inner = keccak256(
            abi.encode(typeHash, payer, address(vault), amount, usd.nonces(payer), block.timestamp)
        );
        return vm.sign(PAYER_KEY, keccak256(abi.encodePacked("\x19\x01", usd.DOMAIN_SEPARATOR(), inner)));
    }
}
