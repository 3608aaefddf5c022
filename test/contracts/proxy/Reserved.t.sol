// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Reserved} from "../../../contracts/proxy/Reserved.sol";
import {vm} from "../support/Vm.sol";

contract Reserver {
    Reserved public reserved = new Reserved();
}

/// @notice An address that is reserved belongs to who reserved it, and only until it has its implementation.
contract ReservedTest {
    Reserved private reserved = new Reserved();
    Reserved private proxy = Reserved(
        address(new ERC1967Proxy(address(reserved), abi.encodeCall(Reserved.reserve, ())))
    );

    function test_ItKnowsItsDeployerThroughTheProxyToo() public view {
        vm.assertEq(reserved.deployer(), address(this));
        vm.assertEq(proxy.deployer(), address(this));
    }

    function testFuzz_NobodyElseGivesItAnImplementation(address caller) public {
        vm.assume(caller != address(this));
        address next = address(new Reserved());
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(Reserved.NotDeployer.selector, caller));
        proxy.upgradeToAndCall(next, "");
    }

    function test_TheDeployerGivesItAnImplementationOnce() public {
        Reserver other = new Reserver();
        Reserved next = other.reserved();
        proxy.upgradeToAndCall(address(next), "");
        vm.assertEq(proxy.deployer(), address(other));
        vm.expectRevert(abi.encodeWithSelector(Reserved.NotDeployer.selector, address(this)));
        proxy.upgradeToAndCall(address(reserved), "");
    }
}
