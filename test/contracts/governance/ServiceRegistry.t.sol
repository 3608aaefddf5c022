// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IServiceRegistry as I} from "../../../contracts/interfaces/IServiceRegistry.sol";
import {ServiceRegistry} from "../../../contracts/governance/ServiceRegistry.sol";
import {Fixture} from "../support/Fixture.sol";
import {vm} from "../support/Vm.sol";

contract ServiceRegistryTest is Fixture {
    address private constant OWNER = address(0x0da);
    uint64 private constant MAX_PRICE = 10 ** 12;

    function test_IdsStartAt0AndPricesAreAnnounced() public {
        vm.expectEmit(address(services));
        emit I.ServiceRegistered(0, OWNER, "flk:cdn");
        vm.expectEmit(address(services));
        emit I.PriceSet(0, 0, 10);
        vm.expectEmit(address(services));
        emit I.PriceSet(0, 1, 20);
        vm.assertEq(services.registerFor(OWNER, "flk:cdn", _prices(10, 20)), 0);
        vm.assertEq(services.register("flk:other", _prices(1, 2)), 1);
        vm.assertEq(services.serviceCount(), 2);
        I.Service memory service = services.service(0);
        vm.assertEq(service.owner, OWNER);
        vm.assertEq(service.metadataUri, "flk:cdn");
        vm.assertEq(service.prices[1], 20);
        vm.assertEq(services.service(1).owner, address(this));
    }

    function test_TheAuthorityDecidesWhoRegisters() public {
        uint64[] memory prices = _prices(1, 1);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(refused);
        services.register("", prices);
        bytes4[] memory opened = new bytes4[](1);
        opened[0] = ServiceRegistry.register.selector;
        manager.setTargetFunctionRole(address(services), opened, type(uint64).max);
        vm.prank(OWNER);
        services.register("", prices);
        vm.assertEq(services.service(0).owner, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(refused);
        services.registerFor(OWNER, "", prices);
    }

    function testFuzz_OwnersPriceWithinTheGovernedBound(uint64 price) public {
        services.registerFor(OWNER, "", _prices(1, 1));
        if (price > MAX_PRICE) {
            vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, 1, price, MAX_PRICE));
        }
        vm.prank(OWNER);
        services.setPrice(0, 1, price);
        vm.assertEq(services.service(0).prices[1], price > MAX_PRICE ? 1 : price);
    }

    function test_OnlyTheOwnerChangesAService() public {
        services.registerFor(OWNER, "", _prices(1, 1));
        bytes memory refused = abi.encodeWithSelector(I.NotServiceOwner.selector, 0, address(this));
        vm.expectRevert(refused);
        services.setPrice(0, 0, 1);
        vm.expectRevert(refused);
        services.setMetadata(0, "mine");
        vm.prank(OWNER);
        services.setMetadata(0, "new");
        vm.assertEq(services.service(0).metadataUri, "new");
    }

    function test_RefusesBadInput() public {
        vm.expectRevert(abi.encodeWithSelector(I.InvalidCommodityCount.selector, 0));
        services.register("", new uint64[](0));
        vm.expectRevert(abi.encodeWithSelector(I.InvalidCommodityCount.selector, 9));
        services.register("", new uint64[](9));
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, 0, MAX_PRICE + 1, MAX_PRICE));
        services.register("", _prices(MAX_PRICE + 1, 0));
        vm.expectRevert(abi.encodeWithSelector(I.ZeroOwner.selector));
        services.registerFor(address(0), "", _prices(1, 1));
        vm.expectRevert(abi.encodeWithSelector(I.UnknownService.selector, 0));
        services.service(0);
        services.register("", _prices(1, 1));
        vm.expectRevert(abi.encodeWithSelector(I.UnknownCommodity.selector, 0, 2));
        services.setPrice(0, 2, 1);
    }

    function _prices(uint64 bandwidth, uint64 compute) private pure returns (uint64[] memory prices) {
        prices = new uint64[](2);
        (prices[0], prices[1]) = (bandwidth, compute);
    }
}
