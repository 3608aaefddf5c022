// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {INodeStakingErrors as E, INodeStakingEvents as Ev} from "../../../contracts/interfaces/INodeStaking.sol";
import {ITimedPause} from "../../../contracts/interfaces/ITimedPause.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {Fixture} from "../support/Fixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice register, registerWithStake, and what they make readable.
contract NodeStakingRegistrationTest is Fixture {
    address private constant OWNER = address(0x0a11ce);
    bytes32 private constant NETWORK_KEY = bytes32(uint256(0xed25519));
    /// @dev Where the number of nodes is packed, in the lowest 24 bits.
    bytes32 private constant TOTALS_SLOT = bytes32(uint256(1));

    function setUp() public override {
        super.setUp();
        flk.transfer(OWNER, 10_000 ether);
        vm.prank(OWNER);
        flk.approve(address(staking), type(uint256).max);
    }

    function test_RegistersNodesFromId1AndKeepsTheirKeys() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.expectEmit(address(staking));
        emit Ev.NodeRegistered(1, OWNER, 0, key, NETWORK_KEY, "/ip4/10.0.0.1/tcp/4200");
        vm.prank(OWNER);
        vm.assertEq(staking.register(key, proof, NETWORK_KEY, "/ip4/10.0.0.1/tcp/4200"), 1);
        vm.assertEq(registerNode(OWNER), 2);

        vm.assertEq(staking.keyOf(1, 0), key);
        vm.assertTrue(staking.isKeyUsed(keccak256(key)));
        vm.assertEq(staking.nodeCount(), 2);
    }

    function test_ANewNodeIsOptedInPaysItsOwnerAndHasNothingElse() public {
        registerNode(OWNER);
        INodeStaking.NodeInfo memory info = staking.node(1);
        vm.assertEq(info.owner, OWNER);
        vm.assertEq(info.payee, OWNER);
        vm.assertEq(info.operator, address(0));
        vm.assertEq(info.networkKey, keccak256(BlsSigner.publicKey(secretOf(1))));
        vm.assertTrue(info.optedIn);
        vm.assertEq(info.keyVersion, 0);
        vm.assertEq(info.lockedUntil, 0);
        vm.assertEq(uint256(info.staked) + info.thawing + info.slashed, 0);
    }

    function test_AKeyIsNeverRegisteredTwice() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        _register(key, proof);
        bytes32 hash = keccak256(key);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, hash));
        staking.register(key, proof, bytes32(uint256(2)), "");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, hash));
        staking.register(key, proof, NETWORK_KEY, "");
        address thief = address(0xbad);
        (, bytes memory other) = _proven(1, thief);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, hash));
        staking.register(key, other, bytes32(uint256(2)), "");
    }

    function test_ANetworkKeyIsNeverRegisteredTwice() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.assertFalse(staking.isNetworkKeyUsed(NETWORK_KEY));
        _register(key, proof);
        vm.assertTrue(staking.isNetworkKeyUsed(NETWORK_KEY));
        bytes memory used = abi.encodeWithSelector(E.NetworkKeyAlreadyUsed.selector, NETWORK_KEY);
        (key, proof) = _proven(2, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(used);
        staking.register(key, proof, NETWORK_KEY, "");
        address thief = address(0xbad);
        (key, proof) = _proven(3, thief);
        vm.prank(thief);
        vm.expectRevert(used);
        staking.registerWithStake(key, proof, NETWORK_KEY, "", 1);
        vm.assertEq(staking.nodeCount(), 1);
    }

    function test_EndpointsAreVisibleAscii() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidEndpoints.selector));
        staking.register(key, proof, NETWORK_KEY, "/ip4/127.0.0.1/tcp/4200,\nhttp://evil");
    }

    function test_RejectsAZeroNetworkKeyAndLongEndpoints() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroNetworkKey.selector));
        staking.register(key, proof, 0, "");
        string memory long = string(new bytes(513));
        vm.expectRevert(abi.encodeWithSelector(E.EndpointsTooLong.selector, 513));
        staking.register(key, proof, NETWORK_KEY, long);
        bytes memory longest = new bytes(512);
        for (uint256 i = 0; i < 512; i++) longest[i] = "x";
        vm.prank(OWNER);
        vm.assertEq(uint256(staking.register(key, proof, NETWORK_KEY, string(longest))), 1);
    }

    function test_AProofIsBoundToOwnerNetworkAndKey() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        bytes memory wrong = abi.encodeWithSelector(E.InvalidProofOfPossession.selector);
        vm.expectRevert(wrong);
        staking.register(key, proof, NETWORK_KEY, "");
        (bytes memory another, ) = _proven(2, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(wrong);
        staking.register(another, proof, NETWORK_KEY, "");
        vm.chainId(block.chainid + 1);
        vm.prank(OWNER);
        vm.expectRevert(wrong);
        staking.register(key, proof, NETWORK_KEY, "");
    }

    function test_RejectsInfinityAndMalformedKeys() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        staking.register(new bytes(128), proof, NETWORK_KEY, "");
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        staking.register(key, new bytes(256), NETWORK_KEY, "");
        key[127] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        staking.register(key, proof, NETWORK_KEY, "");
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        staking.register("", proof, NETWORK_KEY, "");
    }

    function test_TheLastIdIsTheLast() public {
        vm.store(address(staking), TOTALS_SLOT, bytes32(uint256(type(uint24).max - 1)));
        vm.assertEq(registerNode(OWNER), type(uint24).max);
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(E.TooManyNodes.selector));
        staking.register(key, proof, NETWORK_KEY, "");
    }

    function test_NothingIsRegisteredWhilePaused() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        staking.pauseFor(60);
        bytes memory paused = abi.encodeWithSelector(ITimedPause.IsPaused.selector, block.timestamp + 60);
        vm.prank(OWNER);
        vm.expectRevert(paused);
        staking.register(key, proof, NETWORK_KEY, "");
        vm.prank(OWNER);
        vm.expectRevert(paused);
        staking.registerWithStake(key, proof, NETWORK_KEY, "", 1);
        vm.warp(block.timestamp + 60);
        _register(key, proof);
    }

    function testFuzz_WhatIsRegisteredCanBeRead(uint256 secret, address by, bytes32 networkKey) public {
        vm.assume(by != address(0) && networkKey != 0);
        secret = bound(secret, 1, BlsSigner.ORDER - 1);
        bytes memory key = BlsSigner.publicKey(secret);
        bytes memory proof = BlsSigner.sign(secret, staking.proofMessage(by, key));
        vm.prank(by);
        uint32 id = staking.register(key, proof, networkKey, "");
        vm.assertEq(staking.node(id).owner, by);
        vm.assertEq(staking.node(id).networkKey, networkKey);
        vm.assertEq(staking.keyOf(id, 0), key);
    }

    function testFuzz_GarbageIsNoKey(bytes calldata key, bytes calldata proof) public {
        vm.prank(OWNER);
        vm.expectRevert();
        staking.register(key, proof, NETWORK_KEY, "");
    }

    // --- registerWithStake

    function test_RegistersAndStakesInOneCall() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.prank(OWNER);
        staking.registerWithStake(key, proof, NETWORK_KEY, "", 5 ether);
        vm.assertEq(staking.node(1).staked, 5 ether);
        vm.assertEq(flk.balanceOf(address(staking)), 5 ether);
        vm.assertEq(votes.stakedUnits(OWNER), 5 ether);
    }

    function test_RegistersNothingWhenTheStakeIsNothingOrNotThere() public {
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAmount.selector));
        staking.registerWithStake(key, proof, NETWORK_KEY, "", 0);
        vm.prank(OWNER);
        vm.expectRevert();
        staking.registerWithStake(key, proof, NETWORK_KEY, "", 10_001 ether);
        vm.assertEq(staking.nodeCount(), 0);
    }

    function testFuzz_RegistersWithAnyStakeThatIsThere(uint256 amount) public {
        amount = bound(amount, 1, 10_000 ether);
        (bytes memory key, bytes memory proof) = _proven(1, OWNER);
        vm.prank(OWNER);
        staking.registerWithStake(key, proof, NETWORK_KEY, "", amount);
        (uint256 staked, uint256 thawing) = staking.totals();
        vm.assertEq(staked, amount);
        vm.assertEq(thawing, 0);
    }

    // --- node, nodes

    function test_PagesThroughNodesAndStopsAtTheLast() public {
        for (uint256 i = 0; i < 3; i++) registerNode(address(uint160(0x2000 + i)));
        vm.assertEq(staking.nodes(1, 2).length, 2);
        INodeStaking.NodeInfo[] memory page = staking.nodes(2, 100);
        vm.assertEq(page.length, 2);
        vm.assertEq(page[0].owner, address(0x2001));
        vm.assertEq(page[1].owner, address(0x2002));
        vm.assertEq(staking.nodes(4, 5).length, 0);
        vm.assertEq(staking.nodes(1, 0).length, 0);
    }

    function test_ThereIsNoNode0() public {
        vm.expectRevert(abi.encodeWithSelector(E.UnknownNode.selector, 0));
        staking.nodes(0, 1);
    }

    function testFuzz_EveryPageIsWhatTheNodesAre(uint32 from, uint32 count) public {
        registerNodes(3);
        from = uint32(bound(from, 1, 5));
        INodeStaking.NodeInfo[] memory page = staking.nodes(from, count);
        vm.assertLe(page.length, count);
        for (uint32 i = 0; i < page.length; i++) vm.assertEq(page[i].owner, staking.node(from + i).owner);
        uint256 rest = from > 3 ? 0 : 4 - from;
        vm.assertEq(page.length, count < rest ? count : rest);
    }

    function test_UnknownNodesAreNamed() public {
        bytes memory unknown = abi.encodeWithSelector(E.UnknownNode.selector, 2);
        registerNode(OWNER);
        vm.expectRevert(unknown);
        staking.node(2);
        vm.expectRevert(unknown);
        staking.stakeBound(2);
        vm.expectRevert(unknown);
        staking.keyVersionAt(2, 0);
        vm.assertEq(staking.slashable(2), 0);
        vm.assertEq(staking.thawingRequests(2).length, 0);
    }

    // --- helpers

    function _proven(uint32 index, address by) private view returns (bytes memory key, bytes memory proof) {
        uint256 secret = uint256(keccak256(abi.encode("proven", index))) % BlsSigner.ORDER;
        key = BlsSigner.publicKey(secret);
        proof = BlsSigner.sign(secret, staking.proofMessage(by, key));
    }

    function _register(bytes memory key, bytes memory proof) private {
        vm.prank(OWNER);
        staking.register(key, proof, NETWORK_KEY, "");
    }
}
