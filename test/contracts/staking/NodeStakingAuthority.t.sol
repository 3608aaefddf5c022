// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {INodeStakingErrors as E, INodeStakingEvents as Ev} from "../../../contracts/interfaces/INodeStaking.sol";
import {ITimedPause} from "../../../contracts/interfaces/ITimedPause.sol";
import {NodeStaking} from "../../../contracts/staking/NodeStaking.sol";
import {Slasher} from "../../../contracts/staking/Slasher.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {deploySlasher, deployStaking} from "../support/Deploy.sol";

/// @notice Who may do what: owner, operator, guardian, governance; and what operator, payee, participation and pause are.
contract NodeStakingAuthorityTest is StakingFixture {
    uint64 private constant GUARDIAN_ROLE = 2;
    address private constant GUARDIAN = address(0x9a4d);
    address private constant PAYEE = address(0xcafe);

    function setUp() public override {
        super.setUp();
        bytes4[] memory guarded = new bytes4[](1);
        guarded[0] = ITimedPause.pauseFor.selector;
        manager.setTargetFunctionRole(address(staking), guarded, GUARDIAN_ROLE);
        manager.grantRole(GUARDIAN_ROLE, GUARDIAN, 0);
    }

    // --- owner and operator

    function test_OnlyTheOwnerMovesFundsAndNamesOthers() public {
        vm.prank(owner);
        staking.setOperator(nodeId, OPERATOR);
        bytes[] memory calls = _ownersCalls();
        for (uint256 i = 0; i < calls.length; i++) {
            _refused(OPERATOR, calls[i]);
            _refused(STRANGER, calls[i]);
        }
    }

    function test_OnlyOwnerAndOperatorRunANode() public {
        vm.prank(owner);
        staking.setOperator(nodeId, OPERATOR);
        bytes[] memory calls = _operatorsCalls();
        for (uint256 i = 0; i < calls.length; i++) _refused(STRANGER, calls[i]);
    }

    function test_NobodyActsForANodeThatIsNotThere() public {
        bytes memory unknown = abi.encodeWithSelector(E.UnknownNode.selector, 99);
        vm.expectRevert(unknown);
        staking.stake(99, 1);
        vm.expectRevert(unknown);
        staking.requestUnstake(99, 1);
    }

    function test_AnOperatorRunsTheNode() public {
        vm.expectEmit(address(staking));
        emit Ev.OperatorSet(nodeId, OPERATOR);
        vm.prank(owner);
        staking.setOperator(nodeId, OPERATOR);
        vm.assertEq(staking.node(nodeId).operator, OPERATOR);
        (bytes memory key, bytes memory proof) = _proven(5, owner);
        vm.prank(OPERATOR);
        staking.rotateKeys(nodeId, key, proof);
        vm.prank(OPERATOR);
        staking.rotateNetworkKey(nodeId, bytes32(uint256(9)));
        vm.prank(OPERATOR);
        staking.setEndpoints(nodeId, "/dns4/node.example/tcp/4200");
        vm.prank(OPERATOR);
        staking.setParticipation(nodeId, false);
        vm.assertFalse(staking.node(nodeId).optedIn);
    }

    function test_WhatAnOperatorStakesBelongsToTheOwner() public {
        vm.prank(owner);
        staking.setOperator(nodeId, OPERATOR);
        _fund(OPERATOR);
        vm.prank(OPERATOR);
        staking.stake(nodeId, 2 ether);
        vm.assertEq(flk.balanceOf(OPERATOR), FUNDS - 2 ether);
        vm.assertEq(votes.getVotes(owner), 2 ether);
        uint64 requestId = _thaw(2 ether);
        vm.warp(block.timestamp + THAW);
        _refused(OPERATOR, abi.encodeCall(INodeStaking.withdraw, (nodeId, requestId, OPERATOR)));
    }

    function test_AnOperatorIsReplacedAndRemoved() public {
        vm.prank(owner);
        staking.setOperator(nodeId, OPERATOR);
        vm.prank(owner);
        staking.setOperator(nodeId, address(0));
        _refused(OPERATOR, abi.encodeCall(INodeStaking.setParticipation, (nodeId, false)));
        // Nobody is the operator now, not even the zero address by chance.
        vm.assertEq(staking.node(nodeId).operator, address(0));
    }

    function testFuzz_StrangersAreRefusedEverything(address caller) public {
        vm.assume(caller != owner && caller != address(0));
        bytes[] memory owners = _ownersCalls();
        bytes[] memory operators = _operatorsCalls();
        for (uint256 i = 0; i < owners.length; i++) _refused(caller, owners[i]);
        for (uint256 i = 0; i < operators.length; i++) _refused(caller, operators[i]);
    }

    // --- setPayee, setParticipation, setEndpoints

    function test_APayeeIsNamed() public {
        vm.expectEmit(address(staking));
        emit Ev.PayeeSet(nodeId, PAYEE);
        vm.prank(owner);
        staking.setPayee(nodeId, PAYEE);
        vm.assertEq(staking.node(nodeId).payee, PAYEE);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroRecipient.selector));
        staking.setPayee(nodeId, address(0));
    }

    function testFuzz_PayeeAndOperatorAreWhomTheOwnerNames(address payee, address operator) public {
        vm.assume(payee != address(0));
        vm.prank(owner);
        staking.setPayee(nodeId, payee);
        vm.prank(owner);
        staking.setOperator(nodeId, operator);
        vm.assertEq(staking.node(nodeId).payee, payee);
        vm.assertEq(staking.node(nodeId).operator, operator);
        vm.assertEq(staking.node(nodeId).owner, owner);
    }

    function testFuzz_ParticipationIsWhatWasSaidLast(bool first, bool second) public {
        vm.prank(owner);
        staking.setParticipation(nodeId, first);
        vm.expectEmit(address(staking));
        emit Ev.ParticipationSet(nodeId, second);
        vm.prank(owner);
        staking.setParticipation(nodeId, second);
        vm.assertTrue(staking.node(nodeId).optedIn == second);
    }

    function test_AnnouncesEndpoints() public {
        vm.expectEmit(address(staking));
        emit Ev.EndpointsSet(nodeId, "/dns4/node.example/tcp/4200");
        vm.prank(owner);
        staking.setEndpoints(nodeId, "/dns4/node.example/tcp/4200");
    }

    function test_EndpointsAreVisibleAsciiAndShort() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidEndpoints.selector));
        staking.setEndpoints(nodeId, "/dns4/node.example/tcp/4200 ");
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.EndpointsTooLong.selector, 513));
        staking.setEndpoints(nodeId, string(new bytes(513)));
    }

    function testFuzz_EndpointsAreTakenWhenVisible(string calldata endpoints) public {
        bytes memory text = bytes(endpoints);
        bool visible = text.length <= 512;
        for (uint256 i = 0; i < text.length; i++) visible = visible && text[i] > 0x20 && text[i] < 0x7f;
        vm.prank(owner);
        if (!visible) vm.expectRevert();
        staking.setEndpoints(nodeId, endpoints);
    }

    // --- pauseFor, unpause, pausedUntil

    function test_TheGuardianPausesAndGovernanceEndsIt() public {
        vm.assertEq(staking.pausedUntil(), 0);
        uint40 until = uint40(block.timestamp + 1 days);
        vm.expectEmit(address(staking));
        emit ITimedPause.Paused(until);
        vm.prank(GUARDIAN);
        staking.pauseFor(1 days);
        vm.assertEq(staking.pausedUntil(), until);

        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, GUARDIAN));
        staking.unpause();
        vm.expectEmit(address(staking));
        emit ITimedPause.Unpaused();
        staking.unpause();
        _stake(1);
    }

    function test_NobodyElsePauses() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, owner));
        staking.pauseFor(1);
    }

    function test_ThereMustBeAPauseToEnd() public {
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.NotPaused.selector));
        staking.unpause();
        vm.prank(GUARDIAN);
        staking.pauseFor(10);
        vm.warp(block.timestamp + 10);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.NotPaused.selector));
        staking.unpause();
    }

    function test_APauseLastsAtMost14Days() public {
        uint32 max = 14 days;
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.InvalidPause.selector, max + 1, max));
        staking.pauseFor(max + 1);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.InvalidPause.selector, 0, max));
        staking.pauseFor(0);
        vm.prank(GUARDIAN);
        staking.pauseFor(max);
    }

    function test_TheNextPauseStarts14DaysAfterTheEndOfTheLast() public {
        vm.prank(GUARDIAN);
        staking.pauseFor(100);
        uint256 notBefore = block.timestamp + 100 + 14 days;
        vm.warp(notBefore - 1);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.PauseTooSoon.selector, notBefore));
        staking.pauseFor(1);
        vm.warp(notBefore);
        vm.prank(GUARDIAN);
        staking.pauseFor(100);
        vm.warp(block.timestamp + 1);
        staking.unpause();
        notBefore = block.timestamp + 14 days;
        vm.warp(notBefore - 1);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(ITimedPause.PauseTooSoon.selector, notBefore));
        staking.pauseFor(1);
    }

    function testFuzz_AGuardianCannotPauseMoreThanHalfOfTheTime(uint32[8] calldata durations) public {
        uint256 paused = 0;
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < durations.length; i++) {
            uint32 duration = uint32(bound(durations[i], 1, 14 days));
            vm.prank(GUARDIAN);
            staking.pauseFor(duration);
            paused += duration;
            vm.warp(uint256(staking.pausedUntil()) + 14 days);
        }
        vm.assertLe(paused, (block.timestamp - start) / 2);
    }

    // --- initialize, upgrades

    function test_IsInitialisedOnceAndItsCodeNever() public {
        bytes memory invalid = abi.encodeWithSelector(Initializable.InvalidInitialization.selector);
        vm.expectRevert(invalid);
        staking.initialize(address(this));
        vm.expectRevert(invalid);
        slasher.initialize(address(this));
        NodeStaking code = deployStaking(flk, parameters, settlement, slasher, votes);
        vm.expectRevert(invalid);
        code.initialize(address(this));
        Slasher slasherCode = deploySlasher(staking, parameters, settlement);
        vm.expectRevert(invalid);
        slasherCode.initialize(address(this));
    }

    function test_OnlyGovernanceUpgradesAndNodesStay() public {
        _stake(5 ether);
        address code = address(deployStaking(flk, parameters, settlement, slasher, votes));
        address slasherCode = address(deploySlasher(staking, parameters, settlement));
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, GUARDIAN);
        vm.prank(GUARDIAN);
        vm.expectRevert(refused);
        staking.upgradeToAndCall(code, "");
        vm.prank(GUARDIAN);
        vm.expectRevert(refused);
        slasher.upgradeToAndCall(slasherCode, "");
        staking.upgradeToAndCall(code, "");
        slasher.upgradeToAndCall(slasherCode, "");
        vm.assertEq(staking.node(nodeId).staked, 5 ether);
        _assertBooks();
    }

    function test_KnowsWhatItIsWiredTo() public view {
        vm.assertEq(address(staking.flk()), address(flk));
        vm.assertEq(address(staking.parameters()), address(parameters));
        vm.assertEq(address(staking.settlement()), address(settlement));
        vm.assertEq(staking.slasher(), address(slasher));
        vm.assertEq(address(staking.votes()), address(votes));
        vm.assertEq(staking.networkId(), settlement.networkId());
        vm.assertEq(address(slasher.staking()), address(staking));
        vm.assertEq(address(slasher.parameters()), address(parameters));
        vm.assertEq(address(slasher.settlement()), address(settlement));
    }

    // --- helpers

    function _ownersCalls() private view returns (bytes[] memory calls) {
        calls = new bytes[](7);
        calls[0] = abi.encodeCall(INodeStaking.lock, (nodeId, 1));
        calls[1] = abi.encodeCall(INodeStaking.requestUnstake, (nodeId, 1));
        calls[2] = abi.encodeCall(INodeStaking.cancelUnstake, (nodeId, 0));
        calls[3] = abi.encodeCall(INodeStaking.withdraw, (nodeId, 0, owner));
        calls[4] = abi.encodeCall(INodeStaking.withdrawMatured, (nodeId, owner));
        calls[5] = abi.encodeCall(INodeStaking.setOperator, (nodeId, STRANGER));
        calls[6] = abi.encodeCall(INodeStaking.setPayee, (nodeId, STRANGER));
    }

    function _operatorsCalls() private view returns (bytes[] memory calls) {
        calls = new bytes[](6);
        calls[0] = abi.encodeCall(INodeStaking.stake, (nodeId, 1));
        calls[1] = abi.encodeCall(INodeStaking.stakeWithPermit, (nodeId, 1, 0, 0, 0, 0));
        calls[2] = abi.encodeCall(INodeStaking.rotateKeys, (nodeId, "", ""));
        calls[3] = abi.encodeCall(INodeStaking.rotateNetworkKey, (nodeId, bytes32(uint256(1))));
        calls[4] = abi.encodeCall(INodeStaking.setEndpoints, (nodeId, ""));
        calls[5] = abi.encodeCall(INodeStaking.setParticipation, (nodeId, false));
    }

    function _refused(address caller, bytes memory call) private {
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(E.NotNodeOwner.selector, nodeId, caller));
        Address.functionCall(address(staking), call);
    }
}
