// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {ServiceRegistry} from "../../../contracts/governance/ServiceRegistry.sol";
import {IProtocolParameters} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {IServiceRegistry as I} from "../../../contracts/interfaces/IServiceRegistry.sol";
import {Fixture} from "../support/Fixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployServices} from "../support/Deploy.sol";

/// @notice Makes room for the test of the last id.
contract RoomyRegistry is ServiceRegistry {
    constructor(IProtocolParameters parameters_) ServiceRegistry(parameters_) {}

    /// @notice As if `count` services were there.
    function fill(uint256 count) external {
        // The list is the first variable of the registry.
        assembly ("memory-safe") {
            sstore(0, count)
        }
    }
}

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

    function testFuzz_OnlyGovernanceRegistersAndUpgrades(address caller) public {
        vm.assume(caller != address(this) && caller != address(manager));
        uint64[] memory prices = _prices(1, 1);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
        vm.prank(caller);
        vm.expectRevert(refused);
        services.registerFor(OWNER, "", prices);
        vm.prank(caller);
        vm.expectRevert(refused);
        services.upgradeToAndCall(address(this), "");
    }

    function test_InitialisesOnceAndNeverTheImplementation() public {
        bytes memory invalid = abi.encodeWithSelector(Initializable.InvalidInitialization.selector);
        vm.expectRevert(invalid);
        services.initialize(address(manager));
        ServiceRegistry implementation = deployServices(parameters);
        vm.expectRevert(invalid);
        implementation.initialize(address(manager));
        vm.assertEq(address(services.parameters()), address(parameters));
    }

    function test_AnUpgradeKeepsTheServices() public {
        services.registerFor(OWNER, "flk:cdn", _prices(10, 20));
        bytes32 before = keccak256(abi.encode(services.services(0, 1)));
        services.upgradeToAndCall(address(deployServices(parameters)), "");
        vm.assertEq(keccak256(abi.encode(services.services(0, 1))), before);
    }

    function testFuzz_RegistersUpToEightPrices(address owner, uint64[] memory prices, uint64 bad) public {
        vm.assume(owner != address(0));
        for (uint256 i = 0; i < prices.length; i++) prices[i] = uint64(bound(prices[i], 0, MAX_PRICE));
        if (prices.length == 0 || prices.length > 8) {
            vm.expectRevert(abi.encodeWithSelector(I.InvalidCommodityCount.selector, prices.length));
            services.registerFor(owner, "flk:x", prices);
            return;
        }
        services.registerFor(owner, "flk:x", prices);
        vm.assertEq(keccak256(abi.encode(services.service(0).prices)), keccak256(abi.encode(prices)));
        bad = uint64(bound(bad, MAX_PRICE + 1, type(uint64).max));
        uint8 last = uint8(prices.length - 1);
        prices[last] = bad;
        vm.expectRevert(abi.encodeWithSelector(I.PriceTooHigh.selector, last, bad, MAX_PRICE));
        services.registerFor(owner, "flk:x", prices);
    }

    function testFuzz_MetadataIsWhatTheOwnerSays(bytes memory text) public {
        services.registerFor(OWNER, "flk:x", _prices(1, 1));
        for (uint256 i = 0; i < text.length; i++) text[i] = bytes1(uint8(bound(uint8(text[i]), 0x21, 0x7e)));
        bool tooLong = text.length > 512;
        if (tooLong) vm.expectRevert(abi.encodeWithSelector(I.MetadataTooLong.selector, text.length));
        else vm.expectEmit(address(services));
        if (!tooLong) emit I.MetadataSet(0, string(text));
        vm.prank(OWNER);
        services.setMetadata(0, string(text));
        vm.assertEq(services.service(0).metadataUri, tooLong ? "flk:x" : string(text));
    }

    function test_TheGovernedBoundIsTheOneInForce() public {
        parameters.setMaxPrice(5);
        services.registerFor(OWNER, "", _prices(6, 6));
        vm.assertEq(services.service(0).prices[0], 6);
    }

    function test_ServicesEndAtTheRoomOfTheChain() public {
        RoomyRegistry implementation = new RoomyRegistry(services.parameters());
        RoomyRegistry full = RoomyRegistry(
            address(
                new ERC1967Proxy(
                    address(implementation),
                    abi.encodeCall(ServiceRegistry.initialize, (address(manager)))
                )
            )
        );
        full.fill(65_535);
        uint64[] memory prices = _prices(1, 1);
        vm.assertEq(full.registerFor(OWNER, "", prices), 65_535);
        vm.expectRevert(abi.encodeWithSelector(I.TooManyServices.selector));
        full.registerFor(OWNER, "", prices);
    }

    function testFuzz_AServiceChangesHandsInTwoSteps(address to, address other) public {
        vm.assume(to != address(0) && other != to);
        services.registerFor(OWNER, "", _prices(1, 1));
        vm.expectEmit(address(services));
        emit I.ServiceOffered(0, OWNER, to);
        vm.prank(OWNER);
        services.offerService(0, to);
        vm.assertEq(services.pendingOwner(0), to);
        vm.assertEq(services.service(0).owner, OWNER);

        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(I.NotPendingOwner.selector, 0, other));
        services.acceptService(0);

        vm.expectEmit(address(services));
        emit I.ServiceTransferred(0, OWNER, to);
        vm.prank(to);
        services.acceptService(0);
        vm.assertEq(services.service(0).owner, to);
        vm.assertEq(services.pendingOwner(0), address(0));
        vm.prank(to);
        services.setPrice(0, 0, 2);
        vm.prank(to);
        vm.expectRevert(abi.encodeWithSelector(I.NotPendingOwner.selector, 0, to));
        services.acceptService(0);
    }

    function test_AnOfferCanBeTakenBack() public {
        services.registerFor(OWNER, "", _prices(1, 1));
        vm.prank(OWNER);
        services.offerService(0, address(this));
        vm.prank(OWNER);
        services.offerService(0, address(0));
        vm.expectRevert(abi.encodeWithSelector(I.NotPendingOwner.selector, 0, address(this)));
        services.acceptService(0);
    }

    function testFuzz_OnlyTheOwnerOffers(address caller) public {
        vm.assume(caller != OWNER);
        services.registerFor(OWNER, "", _prices(1, 1));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(I.NotServiceOwner.selector, 0, caller));
        services.offerService(0, caller);
    }

    function testFuzz_ListsByPages(uint32 from, uint32 count, uint8 total) public {
        total = uint8(bound(total, 0, 6));
        from = uint32(bound(from, 0, 8));
        for (uint64 i = 0; i < total; i++) services.registerFor(OWNER, "", _prices(i, 0));
        I.Service[] memory page = services.services(from, count);
        uint256 left = from < total ? total - from : 0;
        vm.assertEq(page.length, count < left ? count : left);
        for (uint256 i = 0; i < page.length; i++) vm.assertEq(page[i].prices[0], from + i);
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
