// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IFLK} from "../../../contracts/interfaces/IFLK.sol";
import {FLK} from "../../../contracts/token/FLK.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployFlk} from "../support/Deploy.sol";

/// @notice Votes and the checkpoint of the supply. The test holds all FLK; MINTER mints.
contract FLKVotesTest {
    uint256 private constant SUPPLY = 1_000_000 ether;
    uint64 private constant START = 1_800_000_000_000;
    address private constant MINTER = address(0x3141);
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);

    FLK private flk;
    uint256 private now_ = START / 1000;

    function setUp() public {
        vm.warp(now_);
        flk = deployFlk(MINTER, address(this), SUPPLY, 1_000);
        vm.prank(MINTER);
        flk.openAccrual(START);
        _later(180 days);
    }

    function test_CountsByUnixSeconds() public view {
        vm.assertEq(flk.clock(), block.timestamp);
        vm.assertEq(flk.CLOCK_MODE(), "mode=timestamp");
    }

    function testFuzz_DelegatesVotesFollowTransfersMintsAndBurns(uint256 moved, uint256 burned, uint256 minted) public {
        moved = bound(moved, 0, SUPPLY);
        burned = bound(burned, 0, moved);
        flk.delegate(BOB);
        vm.prank(ALICE);
        flk.delegate(ALICE);
        flk.transfer(ALICE, moved);
        vm.assertEq(flk.getVotes(ALICE), moved);
        vm.assertEq(flk.getVotes(BOB), SUPPLY - moved);
        vm.prank(ALICE);
        flk.burn(burned);
        vm.assertEq(flk.getVotes(ALICE), moved - burned);
        vm.prank(MINTER);
        minted = flk.mint(ALICE, minted, START + 90 days * 1000);
        vm.assertEq(flk.getVotes(ALICE), moved - burned + minted);
        vm.assertEq(flk.getVotes(BOB), SUPPLY - moved);
    }

    function test_PastVotesAreThoseAtTheEndOfTheSecond() public {
        flk.delegate(ALICE);
        _later(1);
        flk.transfer(BOB, 1 ether);
        _later(1);
        vm.assertEq(flk.getPastVotes(ALICE, now_ - 2), SUPPLY);
        vm.assertEq(flk.getPastVotes(ALICE, now_ - 1), SUPPLY - 1 ether);
    }

    function test_ThePresentHasNoPastVotes() public {
        bytes4 selector = bytes4(keccak256("ERC5805FutureLookup(uint256,uint48)"));
        vm.expectRevert(abi.encodeWithSelector(selector, block.timestamp, block.timestamp));
        flk.getPastVotes(ALICE, block.timestamp);
    }

    function test_TheMinterVotesForNobodyAndCannotDelegate() public {
        vm.prank(MINTER);
        vm.expectRevert(abi.encodeWithSelector(IFLK.MinterCannotDelegate.selector));
        flk.delegate(ALICE);
        vm.prank(MINTER);
        flk.mint(MINTER, 5 ether, START + 90 days * 1000);
        vm.assertEq(flk.delegates(MINTER), address(0));
        vm.assertEq(flk.delegates(address(0)), address(0));
        vm.assertEq(flk.getVotes(MINTER), 0);
        vm.prank(ALICE);
        flk.delegate(ALICE);
        vm.prank(MINTER);
        flk.transfer(ALICE, 5 ether);
        vm.assertEq(flk.getVotes(ALICE), 5 ether);
    }

    function test_DeploymentRecordsTheSupply() public view {
        vm.assertEq(flk.getPastTotalSupply(START / 1000), SUPPLY);
    }

    function testFuzz_SupplyIsRecordedOnlyWhenAsked(uint256 minted, uint256 burned) public {
        vm.prank(MINTER);
        minted = flk.mint(ALICE, minted, START + 90 days * 1000);
        flk.burn(bound(burned, 0, SUPPLY));
        uint256 supply = flk.totalSupply();
        _later(1);
        vm.assertEq(flk.getPastTotalSupply(now_ - 1), SUPPLY);
        flk.recordSupply();
        _later(1);
        vm.assertEq(flk.getPastTotalSupply(now_ - 1), supply);
        vm.assertEq(flk.getPastTotalSupply(now_ - 2), SUPPLY);
        // Nothing changed since: nothing to record.
        flk.recordSupply();
        _later(1);
        vm.assertEq(flk.getPastTotalSupply(now_ - 1), supply);
    }

    function test_RecordingMovesNoVotes() public {
        flk.delegate(ALICE);
        vm.prank(MINTER);
        flk.mint(BOB, 5 ether, START + 90 days * 1000);
        flk.recordSupply();
        vm.assertEq(flk.getVotes(ALICE), SUPPLY);
        flk.burn(10 ether);
        flk.recordSupply();
        vm.assertEq(flk.getVotes(ALICE), SUPPLY - 10 ether);
        vm.assertEq(flk.getVotes(MINTER), 0);
    }

    function testFuzz_DelegatesBySignature(uint256 key, uint256 expiry) public {
        key = bound(key, 1, 1 << 250);
        expiry = bound(expiry, block.timestamp, type(uint256).max);
        address owner = vm.addr(key);
        flk.transfer(owner, 5 ether);
        bytes32 digest = _typed(
            keccak256(
                abi.encode(keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)"), ALICE, 0, expiry)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        flk.delegateBySig(ALICE, 0, expiry, v, r, s);
        vm.assertEq(flk.getVotes(ALICE), 5 ether);
        vm.expectRevert();
        flk.delegateBySig(ALICE, 0, expiry, v, r, s);
        vm.assertEq(IERC5805(address(flk)).delegates(owner), ALICE);
    }

    function test_PermitAndVotesWork() public {
        uint256 key = 0xbeef;
        address owner = vm.addr(key);
        flk.transfer(owner, 5 ether);
        bytes32 permit = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 digest = _typed(keccak256(abi.encode(permit, owner, address(this), 5 ether, 0, block.timestamp)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        flk.permit(owner, address(this), 5 ether, block.timestamp, v, r, s);
        vm.assertEq(flk.nonces(owner), 1);

        vm.prank(owner);
        flk.delegate(owner);
        vm.assertEq(flk.getVotes(owner), 5 ether);
        flk.transferFrom(owner, address(1), 2 ether);
        vm.assertEq(flk.getVotes(owner), 3 ether);
    }

    function _typed(bytes32 structHash) private view returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", flk.DOMAIN_SEPARATOR(), structHash));
    }

    function _later(uint256 seconds_) private {
        now_ += seconds_;
        vm.warp(now_);
    }
}
