// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ProtocolParameters} from "../../../contracts/governance/ProtocolParameters.sol";
import {IProtocolParameters as I} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {Fixture} from "../support/Fixture.sol";
import {vm} from "../support/Vm.sol";

contract ProtocolParametersTest is Fixture {
    function test_DeploymentAnnouncesEveryValue() public {
        I.Parameter[] memory expected = parameterList();
        for (uint256 i = 0; i < expected.length; i++) {
            vm.assertEq(parameters.get(expected[i].key), expected[i].value);
            (uint256 min, uint256 max) = parameters.bounds(expected[i].key);
            vm.assertEq(min, expected[i].min);
            vm.assertEq(max, expected[i].max);
        }
        vm.assertEq(parameters.all().length, expected.length);
    }

    function testFuzz_HoldsEveryValueToItsBounds(uint256 value) public {
        bytes32 key = "kappaBps";
        if (value > 5_000) vm.expectRevert(abi.encodeWithSelector(I.OutOfBounds.selector, key, value, 0, 5_000));
        parameters.set(key, value);
        vm.assertEq(parameters.get(key), value > 5_000 ? 5_000 : value);
    }

    function testFuzz_SharesAlwaysSumTo10000(uint16 a, uint16 b, uint16 c, uint16 d) public {
        uint256 sum = uint256(a) + b + c + d;
        if (sum != 10_000) vm.expectRevert(abi.encodeWithSelector(I.SharesMustSumTo10000.selector, sum));
        parameters.setShares(a, b, c, d);
        uint256 stored =
            parameters.get("nodeShareBps") +
                parameters.get("serviceShareBps") +
                parameters.get("treasuryShareBps") +
                parameters.get("buybackShareBps");
        vm.assertEq(stored, 10_000);
    }

    function test_SetsTheFourSharesTogether() public {
        vm.expectEmit(address(parameters));
        emit I.ParameterSet("nodeShareBps", 7_000);
        parameters.setShares(7_000, 2_000, 400, 600);
        vm.assertEq(parameters.get("buybackShareBps"), 600);
        vm.expectRevert(abi.encodeWithSelector(I.UseSetShares.selector, bytes32("nodeShareBps")));
        parameters.set("nodeShareBps", 7_000);
    }

    function test_UnknownKeysAreRefused() public {
        bytes memory unknown = abi.encodeWithSelector(I.UnknownParameter.selector, bytes32("nothing"));
        vm.expectRevert(unknown);
        parameters.get("nothing");
        vm.expectRevert(unknown);
        parameters.set("nothing", 1);
        vm.expectRevert(unknown);
        parameters.bounds("nothing");
    }

    function test_OnlyGovernanceSets() public {
        address alice = address(0xa11ce);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice);
        vm.prank(alice);
        vm.expectRevert(refused);
        parameters.set("kappaBps", 1);
        vm.prank(alice);
        vm.expectRevert(refused);
        parameters.setShares(10_000, 0, 0, 0);
    }

    function test_DeploymentRefusesDuplicatesAndBadShares() public {
        I.Parameter[] memory twice = parameterList();
        twice[6].key = "thawPeriod";
        vm.expectRevert(abi.encodeWithSelector(I.DuplicateParameter.selector, bytes32("thawPeriod")));
        new ProtocolParameters(address(manager), twice);
        I.Parameter[] memory uneven = parameterList();
        uneven[0].value = 8_001;
        vm.expectRevert(abi.encodeWithSelector(I.SharesMustSumTo10000.selector, 10_001));
        new ProtocolParameters(address(manager), uneven);
        I.Parameter[] memory outside = parameterList();
        outside[4].value = 0;
        vm.expectRevert(abi.encodeWithSelector(I.OutOfBounds.selector, bytes32("thawPeriod"), 0, 1, 365 days));
        new ProtocolParameters(address(manager), outside);
    }
}
