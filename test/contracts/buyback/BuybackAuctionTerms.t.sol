// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {BuybackAuction} from "../../../contracts/buyback/BuybackAuction.sol";
import {
    IBuybackAuctionErrors as E,
    IBuybackAuctionEvents as Ev,
    IBuybackAuctionTypes as T
} from "../../../contracts/interfaces/IBuybackAuction.sol";
import {AuctionFixture} from "../support/AuctionFixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployBuyback} from "../support/Deploy.sol";

/// @notice Deployment, terms and who may do what.
contract BuybackAuctionTermsTest is AuctionFixture {
    function test_DeploymentFixesLinksTermsAndPrice() public view {
        vm.assertEq(address(auction.flk()), address(flk));
        vm.assertEq(address(auction.stable()), address(usd));
        vm.assertEq(address(auction.settlement()), address(settlement));
        vm.assertEq(auction.referencePrice(), MARKET);
        vm.assertEq(keccak256(abi.encode(auction.terms())), keccak256(abi.encode(terms())));
        vm.assertEq(auction.lotCount(), 0);
        vm.assertEq(auction.pausedUntil(), 0);
    }

    function test_InitialisesOnceAndNeverTheImplementation() public {
        bytes memory invalid = abi.encodeWithSelector(Initializable.InvalidInitialization.selector);
        vm.expectRevert(invalid);
        auction.initialize(address(manager), terms(), MARKET);
        BuybackAuction implementation = deployBuyback(flk, usd, settlement);
        vm.expectRevert(invalid);
        implementation.initialize(address(manager), terms(), MARKET);
    }

    function testFuzz_OnlyGovernanceSetsPausesAndUpgrades(address caller) public {
        vm.assume(caller != address(this) && caller != address(manager));
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
        T.Terms memory same = terms();
        vm.prank(caller);
        vm.expectRevert(refused);
        auction.setTerms(same);
        vm.prank(caller);
        vm.expectRevert(refused);
        auction.pauseFor(1);
        vm.prank(caller);
        vm.expectRevert(refused);
        auction.unpause();
        vm.prank(caller);
        vm.expectRevert(refused);
        auction.upgradeToAndCall(address(this), "");
    }

    function test_AnUpgradeKeepsTheLots() public {
        earnAndOpen(100 * USD);
        bytes32 lot = keccak256(abi.encode(auction.lot(0)));
        auction.upgradeToAndCall(address(deployBuyback(flk, usd, settlement)), "");
        vm.assertEq(keccak256(abi.encode(auction.lot(0))), lot);
        vm.assertEq(auction.referencePrice(), MARKET);
    }

    function testFuzz_TakesTermsWithinTheirBounds(
        uint256 duration,
        uint256 multiple,
        uint256 divisor,
        uint256 sold
    ) public {
        T.Terms memory wanted = terms();
        wanted.duration = uint32(bound(duration, 10, 7 days));
        wanted.startMultipleBps = uint32(bound(multiple, 11_000, 100_000));
        wanted.floorDivisor = uint16(bound(divisor, (uint256(wanted.startMultipleBps) + 9_999) / 10_000, 10_000));
        wanted.minSoldBps = uint16(bound(sold, 1_000, 10_000));
        vm.expectEmit(address(auction));
        emit Ev.TermsSet(wanted);
        auction.setTerms(wanted);
        vm.assertEq(keccak256(abi.encode(auction.terms())), keccak256(abi.encode(wanted)));
    }

    function testFuzz_HoldsTheDurationToItsBounds(uint32 duration) public {
        T.Terms memory wanted = terms();
        wanted.duration = duration;
        _set(wanted, "duration", duration, 10, 7 days);
    }

    function testFuzz_HoldsTheStartMultipleToItsBounds(uint32 multiple) public {
        T.Terms memory wanted = terms();
        wanted.startMultipleBps = multiple;
        _set(wanted, "startMultipleBps", multiple, 11_000, 100_000);
    }

    function testFuzz_HoldsTheFloorBelowOneLotAtItsStart(uint16 divisor, uint256 multiple) public {
        T.Terms memory wanted = terms();
        wanted.floorDivisor = divisor;
        wanted.startMultipleBps = uint32(bound(multiple, 11_000, 100_000));
        uint256 min = (uint256(wanted.startMultipleBps) + 9_999) / 10_000;
        _set(wanted, "floorDivisor", divisor, min, 10_000);
    }

    function testFuzz_HoldsTheLeastSoldToItsBounds(uint16 sold) public {
        T.Terms memory wanted = terms();
        wanted.minSoldBps = sold;
        _set(wanted, "minSoldBps", sold, 1_000, 10_000);
    }

    function test_ALotSellsSomething() public {
        T.Terms memory wanted = terms();
        wanted.minLot = 0;
        _set(wanted, "minLot", 0, 1, type(uint64).max);
    }

    function testFuzz_HoldsThePriceToTheNewBounds(uint96 min, uint96 max) public {
        T.Terms memory wanted = terms();
        (wanted.minReference, wanted.maxReference) = (min, max);
        bool valid = min >= 1 && min <= max;
        _set(wanted, "minReference", min, 1, max);
        if (!valid) return;
        vm.assertGe(auction.referencePrice(), min);
        vm.assertLe(auction.referencePrice(), max);
        if (min <= MARKET && MARKET <= max) vm.assertEq(auction.referencePrice(), MARKET);
    }

    function test_TermsLeaveTheLotOnSaleAlone() public {
        earnAndOpen(100 * USD);
        bytes32 lot = keccak256(abi.encode(auction.lot(0)));
        T.Terms memory wanted = terms();
        (wanted.duration, wanted.startMultipleBps) = (10, 30_000);
        auction.setTerms(wanted);
        vm.assertEq(keccak256(abi.encode(auction.lot(0))), lot);
        vm.assertEq(auction.price(0), 2 * uint256(MARKET));
    }

    function _set(T.Terms memory wanted, bytes32 term, uint256 value, uint256 min, uint256 max) private {
        bool valid = value >= min && value <= max;
        if (!valid) vm.expectRevert(abi.encodeWithSelector(E.TermOutOfBounds.selector, term, value, min, max));
        auction.setTerms(wanted);
        vm.assertEq(keccak256(abi.encode(auction.terms())) == keccak256(abi.encode(wanted)) ? 1 : 0, valid ? 1 : 0);
    }
}
