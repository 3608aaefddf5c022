// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ClientVault} from "../../../contracts/bridge/ClientVault.sol";
import {IClientVault} from "../../../contracts/interfaces/IClientVault.sol";
import {Fixture} from "../support/Fixture.sol";
import {FeeToken, ReentrantToken} from "../support/OddTokens.sol";
import {bound, vm} from "../support/Vm.sol";

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
        emit IClientVault.Deposited(CLIENT, address(this), first, first);
        vault.deposit(CLIENT, first);
        vm.expectEmit(address(vault));
        emit IClientVault.Deposited(CLIENT, address(this), second, uint256(first) + second);
        vault.deposit(CLIENT, second);
        vm.assertEq(vault.deposited(CLIENT), uint256(first) + second);
        vm.assertEq(vault.totalDeposited(), uint256(first) + second);
        vm.assertEq(usd.balanceOf(address(vault)), uint256(first) + second);
    }

    function test_RejectsNothingAndNobody() public {
        vm.expectRevert(abi.encodeWithSelector(IClientVault.ZeroAmount.selector));
        vault.deposit(CLIENT, 0);
        vm.expectRevert(abi.encodeWithSelector(IClientVault.ZeroBeneficiary.selector));
        vault.deposit(address(0), 1);
    }

    function test_RejectsMoreThan64BitsInAll() public {
        uint256 amount = uint256(type(uint64).max) + 1;
        usd.mint(address(this), amount);
        usd.approve(address(vault), amount);
        vm.expectRevert(abi.encodeWithSelector(IClientVault.DepositLimitExceeded.selector, amount));
        vault.deposit(CLIENT, amount);
    }

    function test_AnAccountIsNotOpenedWithLessThanTheMinimum() public {
        vault.setMinDeposit(10_000);
        usd.mint(address(this), 20_000);
        usd.approve(address(vault), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IClientVault.DepositTooSmall.selector, 9_999, 10_000));
        vault.deposit(CLIENT, 9_999);
        vault.deposit(CLIENT, 10_000);
        vault.deposit(CLIENT, 1);
        vm.assertEq(vault.deposited(CLIENT), 10_001);
        vm.assertEq(vault.totalDeposited(), 10_001);
    }

    function test_AFeeOnTransferDoesNotHelpBelowTheMinimum() public {
        FeeToken token = new FeeToken();
        ClientVault other = new ClientVault(address(manager), token, 1_000);
        token.approve(address(other), 2_000);
        vm.expectRevert(abi.encodeWithSelector(IClientVault.DepositTooSmall.selector, 990, 1_000));
        other.deposit(CLIENT, 1_000);
    }

    function test_OnlyGovernanceSetsTheMinimumAndNeverAbove100Usd() public {
        vm.expectEmit(address(vault));
        emit IClientVault.MinDepositSet(100_000_000);
        vault.setMinDeposit(100_000_000);
        vm.assertEq(vault.minDeposit(), 100_000_000);
        bytes memory tooHigh = abi.encodeWithSelector(
            IClientVault.MinDepositTooHigh.selector,
            100_000_001,
            100_000_000
        );
        vm.expectRevert(tooHigh);
        vault.setMinDeposit(100_000_001);
        vm.expectRevert(tooHigh);
        new ClientVault(address(manager), usd, 100_000_001);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, payer));
        vault.setMinDeposit(0);
    }

    function test_CountsWhatArrivedNotWhatWasSent() public {
        FeeToken token = new FeeToken();
        ClientVault other = new ClientVault(address(manager), token, 0);
        token.approve(address(other), 1_000);
        other.deposit(CLIENT, 1_000);
        vm.assertEq(other.deposited(CLIENT), 990);
    }

    function test_ADepositWithinADepositIsRefused() public {
        ReentrantToken token = new ReentrantToken();
        ClientVault other = new ClientVault(address(manager), token, 0);
        token.mint(address(this), 10);
        token.approve(address(other), 10);
        token.arm(other);
        vm.expectRevert(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        other.deposit(CLIENT, 10);
    }

    function test_DepositsWithAPermitForAnotherAccount() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(500);
        vm.prank(payer);
        vm.expectEmit(address(vault));
        emit IClientVault.Deposited(CLIENT, payer, 500, 500);
        vault.depositWithPermit(CLIENT, 500, block.timestamp, v, r, s);
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
        vm.expectRevert(abi.encodeWithSelector(IClientVault.PermitFailed.selector));
        vault.depositWithPermit(CLIENT, 501, block.timestamp, v, r, s);
    }

    function test_APermitOfAnotherPayerDoesNotPayForTheCaller() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(500);
        vm.expectRevert(abi.encodeWithSelector(IClientVault.PermitFailed.selector));
        vault.depositWithPermit(address(this), 500, block.timestamp, v, r, s);
    }

    function test_OnlyTheSettlementPaysOut() public {
        usd.mint(address(vault), 10);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this));
        vm.expectRevert(refused);
        vault.payOut(address(this), 10);
        vm.prank(address(settlement));
        vault.payOut(CLIENT, 10);
        vm.assertEq(usd.balanceOf(CLIENT), 10);
        vm.assertEq(vault.totalPaidOut(), 10);
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
