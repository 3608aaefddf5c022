// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {INodeStakingErrors as E, INodeStakingEvents as Ev} from "../../../contracts/interfaces/INodeStaking.sol";
import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {Fixture} from "../support/Fixture.sol";
import {bound, vm} from "../support/Vm.sol";

contract NodeStakingTest is Fixture {
    uint256 private constant OWNER_KEY = 0x0a11ce;
    bytes32 private constant NETWORK_KEY = bytes32(uint256(0xed25519));
    address private owner;

    function setUp() public override {
        super.setUp();
        owner = vm.addr(OWNER_KEY);
        flk.transfer(owner, 10_000 ether);
        vm.prank(owner);
        flk.approve(address(staking), type(uint256).max);
    }

    // --- binding

    function test_BindsTheSettlementOnceAndOnlyByGovernance() public {
        vm.expectRevert(abi.encodeWithSelector(E.SettlementAlreadyBound.selector, address(settlement)));
        staking.bindSettlement(address(1));
        NodeStaking fresh = new NodeStaking(address(manager), flk, parameters);
        vm.expectRevert(abi.encodeWithSelector(E.SettlementNotBound.selector));
        fresh.bindSettlement(address(0));
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, owner));
        fresh.bindSettlement(address(1));
        vm.expectRevert(abi.encodeWithSelector(E.SettlementNotBound.selector));
        fresh.networkId();
        vm.assertEq(staking.networkId(), settlement.networkId());
    }

    // --- registration

    function test_RegistersNodesFromId1AndKeepsTheirKeys() public {
        (bytes memory key, bytes memory proof) = _proven(1, owner);
        vm.expectEmit(address(staking));
        emit Ev.NodeRegistered(1, owner, 0, key, NETWORK_KEY, "/ip4/10.0.0.1/tcp/4200");
        vm.prank(owner);
        vm.assertEq(staking.register(key, proof, NETWORK_KEY, "/ip4/10.0.0.1/tcp/4200"), 1);
        vm.assertEq(registerNode(owner), 2);

        INodeStaking.NodeInfo memory node = staking.node(1);
        vm.assertEq(node.owner, owner);
        vm.assertEq(node.networkKey, NETWORK_KEY);
        vm.assertEq(staking.keyOf(1, 0), key);
        vm.assertTrue(staking.isKeyUsed(keccak256(key)));
        vm.assertEq(staking.nodeCount(), 2);
    }

    function test_AKeyIsNeverRegisteredTwice() public {
        (bytes memory key, bytes memory proof) = _proven(1, owner);
        _register(key, proof);
        bytes32 hash = keccak256(key);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, hash));
        staking.register(key, proof, bytes32(uint256(2)), "");
        address thief = address(0xbad);
        (, bytes memory other) = _proven(1, thief);
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, hash));
        staking.register(key, other, bytes32(uint256(2)), "");
    }

    function test_ANetworkKeyIsNeverRegisteredTwice() public {
        (bytes memory key, bytes memory proof) = _proven(1, owner);
        vm.assertFalse(staking.isNetworkKeyUsed(NETWORK_KEY));
        _register(key, proof);
        vm.assertTrue(staking.isNetworkKeyUsed(NETWORK_KEY));
        bytes memory used = abi.encodeWithSelector(E.NetworkKeyAlreadyUsed.selector, NETWORK_KEY);
        (key, proof) = _proven(2, owner);
        vm.prank(owner);
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
        (bytes memory key, bytes memory proof) = _proven(1, owner);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidEndpoints.selector));
        staking.register(key, proof, NETWORK_KEY, "/ip4/127.0.0.1/tcp/4200,\nhttp://evil");
        registerNode(owner);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidEndpoints.selector));
        staking.setEndpoints(1, "/dns4/node.example/tcp/4200 ");
    }

    function test_AProofIsBoundToOwnerNetworkAndKey() public {
        (bytes memory key, bytes memory proof) = _proven(1, owner);
        bytes memory wrong = abi.encodeWithSelector(E.InvalidProofOfPossession.selector);
        vm.expectRevert(wrong);
        staking.register(key, proof, NETWORK_KEY, "");
        (bytes memory another, ) = _proven(2, owner);
        vm.prank(owner);
        vm.expectRevert(wrong);
        staking.register(another, proof, NETWORK_KEY, "");
        vm.chainId(block.chainid + 1);
        vm.prank(owner);
        vm.expectRevert(wrong);
        staking.register(key, proof, NETWORK_KEY, "");
    }

    function test_RejectsInfinityAndMalformedKeys() public {
        (bytes memory key, bytes memory proof) = _proven(1, owner);
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

    function test_RejectsAZeroNetworkKeyAndLongEndpoints() public {
        (bytes memory key, bytes memory proof) = _proven(1, owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroNetworkKey.selector));
        staking.register(key, proof, 0, "");
        string memory long = string(new bytes(513));
        vm.expectRevert(abi.encodeWithSelector(E.EndpointsTooLong.selector, 513));
        staking.register(key, proof, NETWORK_KEY, long);
    }

    function test_RegistersAndStakesInOneCall() public {
        (bytes memory key, bytes memory proof) = _proven(1, owner);
        vm.prank(owner);
        staking.registerWithStake(key, proof, NETWORK_KEY, "", 5 ether);
        vm.assertEq(staking.node(1).staked, 5 ether);
        vm.assertEq(flk.balanceOf(address(staking)), 5 ether);
    }

    function testFuzz_SumOfKeysIsTheKeyOfTheSumOfSecrets(uint8 count) public {
        count = uint8(bound(count, 0, 4));
        uint64[] memory keyIds = new uint64[](count);
        uint256 secret = 0;
        for (uint32 i = 1; i <= count; i++) {
            registerNode(owner);
            keyIds[i - 1] = uint64(i) << 32;
            secret = addmod(secret, secretOf(i), BlsSigner.ORDER);
        }
        vm.assertEq(staking.sumOfKeys(keyIds), BlsSigner.publicKey(secret));
    }

    function test_UnknownNodesAndKeysAreNamed() public {
        registerNode(owner);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownNode.selector, 2));
        staking.node(2);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownKey.selector, 1, 1));
        staking.keyOf(1, 1);
    }

    // --- stake

    function test_OnlyTheOwnerTouchesANode() public {
        registerNode(owner);
        bytes memory refused = abi.encodeWithSelector(E.NotNodeOwner.selector, 1, address(this));
        vm.expectRevert(refused);
        staking.stake(1, 1);
        vm.expectRevert(refused);
        staking.stakeWithPermit(1, 1, 0, 0, 0, 0);
        vm.expectRevert(refused);
        staking.requestUnstake(1, 1);
        vm.expectRevert(refused);
        staking.withdraw(1, 0, owner);
        vm.expectRevert(refused);
        staking.withdrawMatured(1, owner);
        vm.expectRevert(refused);
        staking.setEndpoints(1, "");
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownNode.selector, 9));
        staking.stake(9, 1);
    }

    function test_StakesWithAPermitAlsoWhenSomeoneElseSubmittedIt() public {
        registerNode(owner);
        vm.prank(owner);
        flk.approve(address(staking), 0);
        (uint8 v, bytes32 r, bytes32 s) = _permit(3 ether);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.PermitFailed.selector));
        staking.stakeWithPermit(1, 4 ether, block.timestamp, v, r, s);
        flk.permit(owner, address(staking), 3 ether, block.timestamp, v, r, s);
        vm.prank(owner);
        staking.stakeWithPermit(1, 3 ether, block.timestamp, v, r, s);
        (v, r, s) = _permit(2 ether);
        vm.prank(owner);
        staking.stakeWithPermit(1, 2 ether, block.timestamp, v, r, s);
        vm.assertEq(staking.node(1).staked, 5 ether);
    }

    function test_StakeThawsAndLeavesAfterThePeriod() public {
        registerNode(owner);
        _stake(10 ether);
        vm.prank(owner);
        vm.expectEmit(address(staking));
        emit Ev.StakeChanged(1, 6 ether, 4 ether);
        uint64 id = staking.requestUnstake(1, 4 ether);

        uint64 maturesAt = uint64(block.timestamp + THAW);
        vm.warp(maturesAt - 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.StillThawing.selector, 1, id, maturesAt));
        staking.withdraw(1, id, owner);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.NothingMatured.selector, 1));
        staking.withdrawMatured(1, owner);

        vm.warp(maturesAt);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroRecipient.selector));
        staking.withdraw(1, id, address(0));
        vm.prank(owner);
        staking.withdraw(1, id, address(0xcafe));
        vm.assertEq(flk.balanceOf(address(0xcafe)), 4 ether);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownRequest.selector, 1, id));
        staking.withdraw(1, id, owner);
    }

    function test_WithdrawsEveryMaturedRequestAndNoOther() public {
        registerNode(owner);
        _stake(10 ether);
        for (uint256 i = 1; i <= 3; i++) {
            vm.prank(owner);
            staking.requestUnstake(1, i * 1 ether);
            vm.warp(block.timestamp + 50);
        }
        vm.warp(block.timestamp + THAW - 100);
        vm.prank(owner);
        vm.assertEq(staking.withdrawMatured(1, address(0xcafe)), 3 ether);
        INodeStaking.ThawingRequest[] memory left = staking.thawingRequests(1);
        vm.assertEq(left.length, 1);
        vm.assertEq(left[0].id, 2);
        vm.assertEq(staking.node(1).thawing, 3 ether);
    }

    function test_AShorterPeriodHelpsNewRequestsOnly() public {
        registerNode(owner);
        _stake(2 ether);
        vm.prank(owner);
        uint64 slow = staking.requestUnstake(1, 1 ether);
        parameters.set("thawPeriod", 1);
        vm.prank(owner);
        uint64 fast = staking.requestUnstake(1, 1 ether);
        vm.warp(block.timestamp + 1);
        vm.prank(owner);
        staking.withdraw(1, fast, owner);
        vm.prank(owner);
        vm.expectPartialRevert(E.StillThawing.selector);
        staking.withdraw(1, slow, owner);
    }

    function test_RejectsMoreThanThereIsAndNothing() public {
        registerNode(owner);
        _stake(1 ether);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.InsufficientStake.selector, 1, 1 ether + 1, 1 ether));
        staking.requestUnstake(1, 1 ether + 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAmount.selector));
        staking.requestUnstake(1, 0);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAmount.selector));
        staking.stake(1, 0);
    }

    function test_ThawsAtMost32RequestsAtOnce() public {
        registerNode(owner);
        _stake(1 ether);
        for (uint256 i = 0; i < 32; i++) {
            vm.prank(owner);
            staking.requestUnstake(1, 1);
        }
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.TooManyRequests.selector, 1));
        staking.requestUnstake(1, 1);
    }

    function test_AnnouncesEndpoints() public {
        registerNode(owner);
        vm.expectEmit(address(staking));
        emit Ev.EndpointsSet(1, "/dns4/node.example/tcp/4200");
        vm.prank(owner);
        staking.setEndpoints(1, "/dns4/node.example/tcp/4200");
    }

    // --- helpers

    function _proven(uint32 index, address by) private view returns (bytes memory key, bytes memory proof) {
        uint256 secret = uint256(keccak256(abi.encode("proven", index))) % BlsSigner.ORDER;
        key = BlsSigner.publicKey(secret);
        proof = BlsSigner.sign(secret, staking.proofMessage(by, key));
    }

    function _register(bytes memory key, bytes memory proof) private {
        vm.prank(owner);
        staking.register(key, proof, NETWORK_KEY, "");
    }

    function _stake(uint256 amount) private {
        vm.prank(owner);
        staking.stake(1, amount);
    }

    function _permit(uint256 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 typeHash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 inner = keccak256(
            abi.encode(typeHash, owner, address(staking), amount, flk.nonces(owner), block.timestamp)
        );
        return vm.sign(OWNER_KEY, keccak256(abi.encodePacked("\x19\x01", flk.DOMAIN_SEPARATOR(), inner)));
    }
}
