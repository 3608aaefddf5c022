// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ProtocolParameters} from "../../../contracts/governance/ProtocolParameters.sol";
import {
    IProtocolParameters as I,
    IProtocolParametersErrors as E
} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployParameters} from "../support/Deploy.sol";

/// @notice What governs reputation, on a deployment that has it.
contract ReputationParametersTest is SettlementFixture {
    ProtocolParameters private _rated;

    function setUp() public override {
        super.setUp();
        I.Parameter[] memory known = parameterList();
        I.Parameter[] memory list = new I.Parameter[](known.length + 6);
        for (uint256 i = 0; i < known.length; i++) list[i] = known[i];
        list[known.length] = I.Parameter("reputationDampingBps", 2_000, 500, 5_000);
        list[known.length + 1] = I.Parameter("reputationRiseBps", 3_000, 100, 10_000);
        list[known.length + 2] = I.Parameter("reputationFallBps", 7_000, 100, 10_000);
        list[known.length + 3] = I.Parameter("reputationDecayBps", 1_000, 0, 10_000);
        list[known.length + 4] = I.Parameter("reputationFloor", 20, 0, 50);
        list[known.length + 5] = I.Parameter("uptimeFloorBps", 4_000, 0, 9_000);
        address implementation = address(deployParameters(settlement));
        bytes memory call = abi.encodeCall(ProtocolParameters.initialize, (address(manager), list));
        _rated = ProtocolParameters(address(new ERC1967Proxy(implementation, call)));
    }

    function testFuzz_SetsHowScoresMove(uint16 damping, uint16 rise, uint16 fall, uint16 decay) public {
        damping = uint16(bound(damping, 1_000, 5_000));
        rise = uint16(bound(rise, 100, 10_000));
        fall = uint16(bound(fall, 100, 10_000));
        decay = uint16(bound(decay, 0, 10_000));
        _rated.setReputation(damping, rise, fall, decay);
        vm.assertEq(_next("reputationDampingBps"), damping);
        vm.assertEq(_next("reputationRiseBps"), rise);
        vm.assertEq(_next("reputationFallBps"), fall);
        vm.assertEq(_next("reputationDecayBps"), decay);
        bytes memory reason = abi.encodeWithSelector(
            E.OutOfBounds.selector,
            bytes32("reputationDecayBps"),
            10_001,
            0,
            10_000
        );
        vm.expectRevert(reason);
        _rated.setReputation(damping, rise, fall, 10_001);
    }

    function testFuzz_RefusesADampingThatConvergesTooSlowly(uint16 damping) public {
        damping = uint16(bound(damping, 0, 999));
        vm.expectRevert(abi.encodeWithSelector(E.DampingTooLow.selector, damping, 1_000));
        _rated.setReputation(damping, 3_000, 7_000, 1_000);
        vm.assertEq(_next("reputationDampingBps"), 2_000);
    }

    function testFuzz_SetsBothFloors(uint16 reputation, uint16 uptime) public {
        reputation = uint16(bound(reputation, 0, 50));
        uptime = uint16(bound(uptime, 0, 9_000));
        _rated.setFloors(reputation, uptime);
        vm.assertEq(_next("reputationFloor"), reputation);
        vm.assertEq(_next("uptimeFloorBps"), uptime);
        vm.expectRevert(abi.encodeWithSelector(E.OutOfBounds.selector, bytes32("reputationFloor"), 51, 0, 50));
        _rated.setFloors(51, uptime);
    }

    function testFuzz_OnlyGovernanceSetsThem(address caller) public {
        vm.assume(caller != address(this) && caller != address(manager));
        bytes memory reason = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
        vm.prank(caller);
        vm.expectRevert(reason);
        _rated.setReputation(2_000, 3_000, 7_000, 1_000);
        vm.prank(caller);
        vm.expectRevert(reason);
        _rated.setFloors(20, 4_000);
    }

    function _next(bytes32 key) private view returns (uint256 value) {
        (value, ) = _rated.scheduled(key);
    }
}
