// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {MockUSD} from "../../../contracts/mocks/MockUSD.sol";
import {FLK} from "../../../contracts/token/FLK.sol";
import {TransferAuthorization} from "../../../contracts/token/TransferAuthorization.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployFlk} from "../support/Deploy.sol";

/// @notice A contract account that signs by naming the digest.
contract ContractAccount is IERC1271 {
    bytes32 private signed;

    function sign(bytes32 digest) external {
        signed = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == signed ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @notice The same rules for every token that has them.
abstract contract TransferAuthorizationBehaviour {
    bytes32 private constant TRANSFER = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    uint256 private constant KEY = 0xbeef;
    uint256 private constant FOREVER = type(uint256).max >> 1;
    address private constant BOB = address(0xb0b);

    TransferAuthorization internal token;
    address private owner = vm.addr(KEY);

    function setUp() public {
        vm.warp(1_800_000_000);
        token = deploy(owner, 100);
    }

    function test_DecimalsAndSupplyAreThoseOfTheToken() public view {
        vm.assertEq(token.decimals(), decimals());
        vm.assertEq(token.totalSupply(), 100);
    }

    function testFuzz_MovesOnceByAnyNonce(uint256 value, bytes32 nonce) public {
        value = bound(value, 0, 100);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(TRANSFER, owner, BOB, value, nonce));
        vm.assertFalse(token.authorizationState(owner, nonce));
        token.transferWithAuthorization(owner, BOB, value, 0, FOREVER, nonce, v, r, s);
        vm.assertEq(token.balanceOf(BOB), value);
        vm.assertTrue(token.authorizationState(owner, nonce));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, owner, nonce));
        token.transferWithAuthorization(owner, BOB, value, 0, FOREVER, nonce, v, r, s);
    }

    function test_NoncesAreNotThoseOfPermit() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(TRANSFER, owner, BOB, 1, 0));
        token.transferWithAuthorization(owner, BOB, 1, 0, FOREVER, 0, v, r, s);
        vm.assertEq(token.nonces(owner), 0);
    }

    function test_PermitUsesNoncesInSequence() public {
        bytes32 permit = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 digest = _typed(keccak256(abi.encode(permit, owner, BOB, 7, 0, FOREVER)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        _permit(owner, BOB, 7, FOREVER, v, r, s);
        vm.assertEq(token.allowance(owner, BOB), 7);
        vm.assertEq(token.nonces(owner), 1);
    }

    function testFuzz_OnlyTheReceiverSubmitsAReceipt(address caller, bytes32 nonce) public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(RECEIVE, owner, BOB, 5, nonce));
        if (caller != BOB) vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, BOB));
        vm.prank(caller);
        token.receiveWithAuthorization(owner, BOB, 5, 0, FOREVER, nonce, v, r, s);
        vm.assertEq(token.balanceOf(BOB), caller == BOB ? 5 : 0);
    }

    function testFuzz_RefusesASignatureOfAnythingElse(address to, uint256 value, bytes32 nonce) public {
        vm.assume(to != BOB || value != 5);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(TRANSFER, owner, BOB, 5, nonce));
        bytes memory invalid = abi.encodeWithSelector(ERC3009.ERC3009InvalidSignature.selector);
        vm.expectRevert(invalid);
        token.transferWithAuthorization(owner, to, value, 0, FOREVER, nonce, v, r, s);
        vm.expectRevert(invalid);
        token.transferWithAuthorization(owner, to, value, 0, FOREVER, nonce, abi.encodePacked(r, s, v));
        vm.prank(to);
        vm.expectRevert(invalid);
        token.receiveWithAuthorization(owner, to, value, 0, FOREVER, nonce, abi.encodePacked(r, s, v));
    }

    function testFuzz_HoldsOnlyBetweenItsTimes(uint256 after_, uint256 before_) public {
        after_ = bound(after_, 0, 2 * block.timestamp);
        before_ = bound(before_, 0, 2 * block.timestamp);
        bytes32 inner = keccak256(abi.encode(TRANSFER, owner, BOB, 5, after_, before_, bytes32(0)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _typed(inner));
        bool valid = after_ < block.timestamp && block.timestamp < before_;
        if (!valid) {
            vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009InvalidAuthorizationTime.selector, after_, before_));
        }
        token.transferWithAuthorization(owner, BOB, 5, after_, before_, 0, v, r, s);
        vm.assertEq(token.balanceOf(BOB), valid ? 5 : 0);
    }

    function testFuzz_ACancelledAuthorizationMovesNothing(bytes32 nonce) public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _typed(keccak256(abi.encode(CANCEL, owner, nonce))));
        token.cancelAuthorization(owner, nonce, v, r, s);
        vm.assertTrue(token.authorizationState(owner, nonce));
        (v, r, s) = vm.sign(KEY, _digest(TRANSFER, owner, BOB, 5, nonce));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, owner, nonce));
        token.transferWithAuthorization(owner, BOB, 5, 0, FOREVER, nonce, v, r, s);
    }

    function testFuzz_AContractAccountSignsToo(bytes32 nonce) public {
        ContractAccount account = new ContractAccount();
        vm.prank(owner);
        token.transfer(address(account), 50);
        account.sign(_digest(TRANSFER, address(account), BOB, 20, nonce));
        token.transferWithAuthorization(address(account), BOB, 20, 0, FOREVER, nonce, "");
        vm.assertEq(token.balanceOf(BOB), 20);

        bytes32 next = keccak256(abi.encode(nonce));
        account.sign(_digest(RECEIVE, address(account), BOB, 20, next));
        vm.prank(BOB);
        token.receiveWithAuthorization(address(account), BOB, 20, 0, FOREVER, next, "");
        vm.assertEq(token.balanceOf(BOB), 40);

        bytes32 last = keccak256(abi.encode(next));
        account.sign(_typed(keccak256(abi.encode(CANCEL, address(account), last))));
        token.cancelAuthorization(address(account), last, "");
        vm.assertTrue(token.authorizationState(address(account), last));
    }

    function deploy(address holder, uint256 amount) internal virtual returns (TransferAuthorization);

    function decimals() internal pure virtual returns (uint8);

    function _permit(
        address from,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) internal virtual;

    function _digest(
        bytes32 typehash,
        address from,
        address to,
        uint256 value,
        bytes32 nonce
    ) private view returns (bytes32) {
        return _typed(keccak256(abi.encode(typehash, from, to, value, uint256(0), FOREVER, nonce)));
    }

    function _typed(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = MockUSD(address(token)).DOMAIN_SEPARATOR();
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }
}

contract FLKAuthorizationTest is TransferAuthorizationBehaviour {
    function deploy(address holder, uint256 amount) internal override returns (TransferAuthorization) {
        return deployFlk(address(0x3141), holder, amount, 1_000);
    }

    function decimals() internal pure override returns (uint8) {
        return 18;
    }

    function _permit(
        address from,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) internal override {
        FLK(address(token)).permit(from, spender, value, deadline, v, r, s);
    }
}

contract MockUSDAuthorizationTest is TransferAuthorizationBehaviour {
    function deploy(address holder, uint256 amount) internal override returns (TransferAuthorization) {
        MockUSD usd = new MockUSD();
        usd.mint(holder, amount);
        return usd;
    }

    function decimals() internal pure override returns (uint8) {
        return 6;
    }

    function _permit(
        address from,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) internal override {
        MockUSD(address(token)).permit(from, spender, value, deadline, v, r, s);
    }
}
