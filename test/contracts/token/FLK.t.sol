// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IFLK} from "../../../contracts/interfaces/IFLK.sol";
import {FLK} from "../../../contracts/token/FLK.sol";
import {Fixture} from "../support/Fixture.sol";
import {bound, vm} from "../support/Vm.sol";

contract FLKTest is Fixture {
    uint64 private constant YEAR = 365 days * 1000;

    function setUp() public override {
        super.setUp();
        manager.grantRole(SETTLEMENT_ROLE, address(this), 0);
    }

    function test_OnlyTheSettlementMintsAndOpens() public {
        address alice = address(0xa11ce);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice);
        vm.prank(alice);
        vm.expectRevert(refused);
        flk.mint(alice, 1, START);
        vm.prank(alice);
        vm.expectRevert(refused);
        flk.openAccrual(START);
    }

    function test_RejectsACeilingAbove100Percent() public {
        vm.expectRevert(abi.encodeWithSelector(IFLK.CeilingTooHigh.selector, 10_001));
        new FLK(address(manager), address(this), 1, 10_001);
    }

    function test_AccrualOpensOnceAndBeforeAnyMint() public {
        vm.expectRevert(abi.encodeWithSelector(IFLK.AccrualNotOpen.selector));
        flk.mint(address(this), 0, START);
        flk.openAccrual(START);
        vm.expectRevert(abi.encodeWithSelector(IFLK.AccrualAlreadyOpen.selector));
        flk.openAccrual(START);
    }

    function test_CloseTimeNeverGoesBackwards() public {
        flk.openAccrual(START);
        flk.mint(address(this), 0, START + 10);
        vm.expectRevert(abi.encodeWithSelector(IFLK.CloseTimeBackwards.selector, START + 9, START + 10));
        flk.mint(address(this), 0, START + 9);
    }

    function testFuzz_AccruesLinearlyWithinAYear(uint64 elapsed) public {
        elapsed = uint64(bound(elapsed, 0, YEAR - 1));
        flk.openAccrual(START);
        uint256 expected = (SUPPLY * CEILING_BPS * elapsed) / (uint256(10_000) * YEAR);
        vm.assertEq(flk.mintable(START + elapsed), expected);
        vm.expectRevert(abi.encodeWithSelector(IFLK.InflationCeilingExceeded.selector, expected + 1, expected));
        flk.mint(address(this), expected + 1, START + elapsed);
        flk.mint(address(this), expected, START + elapsed);
        vm.assertEq(flk.mintable(START + elapsed), 0);
    }

    /// @dev What each epoch accrues, rounded down, is always mintable: a settlement that grants it is never stuck.
    function testFuzz_EachEpochsShareIsMintableAcrossYears(uint64[12] memory lengths) public {
        flk.openAccrual(START);
        uint64 time = START;
        for (uint256 i = 0; i < lengths.length; i++) {
            uint64 length = uint64(bound(lengths[i], 1, YEAR / 3));
            (, , uint256 supply, , ) = flk.year();
            time += length;
            flk.mint(address(this), (supply * CEILING_BPS * length) / (uint256(10_000) * YEAR), time);
        }
    }

    function testFuzz_NoYearMintsAboveTheCeilingOfItsSupply(uint64[12] memory lengths) public {
        flk.openAccrual(START);
        uint64 time = START;
        uint256 before = flk.totalSupply();
        for (uint256 i = 0; i < lengths.length; i++) {
            time += uint64(bound(lengths[i], 1, 2 * YEAR));
            flk.mint(address(this), flk.mintable(time), time);
        }
        uint256 spanYears = (time - START) / YEAR + 1;
        uint256 most = before;
        for (uint256 i = 0; i < spanYears; i++) most += (most * CEILING_BPS) / 10_000 + 1;
        vm.assertLe(flk.totalSupply(), most);
    }

    function test_WhatAYearLeavesIsLost() public {
        flk.openAccrual(START);
        flk.mint(address(this), 0, START + YEAR - 1_000);
        uint256 carried = (SUPPLY * CEILING_BPS * 1_000) / (uint256(10_000) * YEAR);
        vm.assertEq(flk.mintable(START + YEAR), carried);
        vm.assertEq(flk.mintable(START + 2 * YEAR), 0);
    }

    function testFuzz_BurningDoesNotTouchTheCeilingOfTheYear(uint256 burned) public {
        flk.openAccrual(START);
        uint256 available = flk.mintable(START + YEAR / 2);
        flk.burn(bound(burned, 0, SUPPLY));
        vm.assertEq(flk.mintable(START + YEAR / 2), available);
    }

    function test_PermitAndVotesWork() public {
        uint256 key = 0xbeef;
        address owner = vm.addr(key);
        flk.transfer(owner, 5 ether);
        bytes32 permit = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 inner = keccak256(abi.encode(permit, owner, address(this), 5 ether, 0, block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", flk.DOMAIN_SEPARATOR(), inner));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        flk.permit(owner, address(this), 5 ether, block.timestamp, v, r, s);
        vm.assertEq(flk.nonces(owner), 1);

        vm.prank(owner);
        flk.delegate(owner);
        vm.assertEq(flk.getVotes(owner), 5 ether);
        flk.transferFrom(owner, address(1), 2 ether);
        vm.assertEq(flk.getVotes(owner), 3 ether);
    }
}
