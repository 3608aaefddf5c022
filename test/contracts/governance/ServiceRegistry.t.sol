// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IServiceRegistry as I} from "../../../contracts/interfaces/IServiceRegistry.sol";
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
        vm.assertEq(services.registerFor(address(this), "flk:other", _prices(1, 2)), 1);
        vm.assertEq(services.serviceCount(), 2);
        I.Service memory service = services.service(0);
        vm.assertEq(service.owner, OWNER);
        vm.assertEq(service.metadataUri, "flk:cdn");
        vm.assertEq(service.prices[1], 20);
        vm.assertEq(services.service(1).owner, address(this));
    }

    function test_OnlyGovernanceRegisters() public {
        uint64[] memory prices = _prices(1, 1);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, OWNER));
        services.registerFor(OWNER, "", prices);
    }

    function test_MetadataIsAtMost512BytesOfVisibleAscii() public {
        uint64[] memory prices = _prices(1, 1);
        bytes memory text = new bytes(512);
        for (uint256 i = 0; i < text.length; i++) text[i] = "~";
        services.registerFor(OWNER, string(text), prices);
        bytes memory tooLong = abi.encodeWithSelector(I.MetadataTooLong.selector, 513);
        vm.expectRevert(tooLong);
        services.registerFor(OWNER, string.concat(string(text), "~"), prices);
        vm.prank(OWNER);
        vm.expectRevert(tooLong);
        services.setMetadata(0, string.concat(string(text), "~"));
        bytes memory invalid = abi.encodeWithSelector(I.InvalidMetadata.selector);
        vm.expectRevert(invalid);
        services.registerFor(OWNER, "flk: cdn", prices);
        vm.prank(OWNER);
        vm.expectRevert(invalid);
        services.setMetadata(0, unicode"flk:сdn");
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
        services.registerFor(OWNER, "", new uint64[](0));
        vm.expectRevert(abi.encodeWithSelector(I.InvalidCommodityCount.selector, 9));
        services.registerFor(OWNER, "", new uint64[](9));
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, 0, MAX_PRICE + 1, MAX_PRICE));
        services.registerFor(OWNER, "", _prices(MAX_PRICE + 1, 0));
        vm.expectRevert(abi.encodeWithSelector(I.ZeroOwner.selector));
        services.registerFor(address(0), "", _prices(1, 1));
        vm.expectRevert(abi.encodeWithSelector(I.UnknownService.selector, 0));
        services.service(0);
        services.registerFor(OWNER, "", _prices(1, 1));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.UnknownCommodity.selector, 0, 2));
        services.setPrice(0, 2, 1);
    }

    function _prices(uint64 bandwidth, uint64 compute) private pure returns (uint64[] memory prices) {
        prices = new uint64[](2);
        (prices[0], prices[1]) = (bandwidth, compute);
    }
}
