// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {ProtocolParameters} from "../../../contracts/governance/ProtocolParameters.sol";
import {
    IProtocolParameters as I,
    IProtocolParametersErrors as E
} from "../../../contracts/interfaces/IProtocolParameters.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployParameters} from "../support/Deploy.sol";

/// @notice Values, bounds and deployment.
contract ProtocolParametersTest is SettlementFixture {
    function test_DeploymentAnnouncesEveryValueAndPutsItInForce() public view {
        I.Parameter[] memory expected = parameterList();
        I.Parameter[] memory all = parameters.all();
        vm.assertEq(all.length, expected.length);
        for (uint256 i = 0; i < expected.length; i++) {
            bytes32 key = expected[i].key;
            vm.assertEq(parameters.get(key), expected[i].value);
            vm.assertEq(parameters.lowest(key), expected[i].value);
            (uint256 min, uint256 max) = parameters.bounds(key);
            vm.assertEq(min, expected[i].min);
            vm.assertEq(max, expected[i].max);
            (uint256 value, uint64 effectiveEpoch) = parameters.scheduled(key);
            vm.assertEq(value, expected[i].value);
            vm.assertEq(effectiveEpoch, 0);
            vm.assertEq(keccak256(abi.encode(all[i])), keccak256(abi.encode(expected[i])));
        }
        vm.assertEq(address(parameters.settlement()), address(settlement));
    }

    function test_InitialisesOnceAndNeverTheImplementation() public {
        I.Parameter[] memory list = parameterList();
        bytes memory invalid = abi.encodeWithSelector(Initializable.InvalidInitialization.selector);
        vm.expectRevert(invalid);
        parameters.initialize(address(manager), list);
        ProtocolParameters implementation = deployParameters(settlement);
        vm.expectRevert(invalid);
        implementation.initialize(address(manager), list);
    }

    function test_AnUpgradeKeepsTheValues() public {
        parameters.setKappa(1);
        bytes32 before = keccak256(abi.encode(parameters.all()));
        parameters.upgradeToAndCall(address(deployParameters(settlement)), "");
        vm.assertEq(keccak256(abi.encode(parameters.all())), before);
        (uint256 value, ) = parameters.scheduled("kappaBps");
        vm.assertEq(value, 1);
    }

    function test_DeploymentRefusesDuplicates() public {
        I.Parameter[] memory list = parameterList();
        list[6].key = "thawPeriod";
        _refusesToDeploy(list, abi.encodeWithSelector(E.DuplicateParameter.selector, bytes32("thawPeriod")));
    }

    function test_DeploymentRefusesSharesThatDoNotSumUp() public {
        I.Parameter[] memory list = parameterList();
        list[0].value = 8_001;
        _refusesToDeploy(list, abi.encodeWithSelector(E.SharesMustSumTo10000.selector, 10_001));
    }

    function test_DeploymentRefusesValuesOutOfTheirBounds() public {
        I.Parameter[] memory list = parameterList();
        list[4].value = 0;
        _refusesToDeploy(list, abi.encodeWithSelector(E.OutOfBounds.selector, bytes32("thawPeriod"), 0, 1, 365 days));
        list = parameterList();
        list[6].value = 5_001;
        _refusesToDeploy(list, abi.encodeWithSelector(E.OutOfBounds.selector, bytes32("kappaBps"), 5_001, 0, 5_000));
    }

    function test_DeploymentRefusesBoundsThatNothingFits() public {
        I.Parameter[] memory list = parameterList();
        (list[6].min, list[6].max) = (2, 1);
        _refusesToDeploy(list, abi.encodeWithSelector(E.InvalidBounds.selector, bytes32("kappaBps"), 2, 1));
        list = parameterList();
        list[6].max = 1 << 160;
        _refusesToDeploy(
            list,
            abi.encodeWithSelector(E.InvalidBounds.selector, bytes32("kappaBps"), 0, uint256(1) << 160)
        );
    }

    function test_DeploymentRefusesAThawThatIsTooShort() public {
        I.Parameter[] memory list = parameterList();
        list[4].value = 9 days - 1;
        _refusesToDeploy(list, abi.encodeWithSelector(E.ThawTooShort.selector, 9 days - 1, 9 days));
    }

    function test_DeploymentRefusesEpochsTooLongForTheEscape() public {
        I.Parameter[] memory list = parameterList();
        (list[4].value, list[7].value, list[7].max) = (365 days, 20 days * 1000, 30 days * 1000);
        _refusesToDeploy(list, abi.encodeWithSelector(E.EscapeTooShort.selector, 40 days, 40 days + 1));
    }

    function test_DeploymentNeedsTheKeysOfItsRules() public {
        I.Parameter[] memory list = parameterList();
        list[16].key = "other";
        _refusesToDeploy(list, abi.encodeWithSelector(E.UnknownParameter.selector, bytes32("evidenceWindow")));
        list = parameterList();
        list[3].key = "other";
        _refusesToDeploy(list, abi.encodeWithSelector(E.UnknownParameter.selector, bytes32("buybackShareBps")));
    }

    function test_ASetterNeedsItsKey() public {
        I.Parameter[] memory list = parameterList();
        list[12].key = "other";
        ProtocolParameters fewer = _deploy(list);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownParameter.selector, bytes32("l2Stride")));
        fewer.setL2Stride(4);
    }

    function testFuzz_UnknownKeysAreRefused(bytes32 key) public {
        I.Parameter[] memory known = parameterList();
        for (uint256 i = 0; i < known.length; i++) vm.assume(known[i].key != key);
        bytes memory unknown = abi.encodeWithSelector(E.UnknownParameter.selector, key);
        vm.expectRevert(unknown);
        parameters.get(key);
        vm.expectRevert(unknown);
        parameters.scheduled(key);
        vm.expectRevert(unknown);
        parameters.lowest(key);
        vm.expectRevert(unknown);
        parameters.bounds(key);
    }

    function testFuzz_SharesAlwaysSumTo10000(uint16 a, uint16 b, uint16 c, uint16 d) public {
        uint256 sum = uint256(a) + b + c + d;
        if (sum != 10_000) vm.expectRevert(abi.encodeWithSelector(E.SharesMustSumTo10000.selector, sum));
        parameters.setShares(a, b, c, d);
    }

    function testFuzz_SetsTheFourSharesTogether(uint16 a, uint16 b, uint16 c) public {
        a = uint16(bound(a, 0, 10_000));
        b = uint16(bound(b, 0, 10_000 - a));
        c = uint16(bound(c, 0, 10_000 - a - b));
        uint16 d = 10_000 - a - b - c;
        vm.expectEmit(address(parameters));
        emit I.ParameterSet("nodeShareBps", a);
        parameters.setShares(a, b, c, d);
        _start();
        _settle(nextSettlement());
        vm.assertEq(parameters.get("nodeShareBps"), a);
        vm.assertEq(parameters.get("serviceShareBps"), b);
        vm.assertEq(parameters.get("treasuryShareBps"), c);
        vm.assertEq(parameters.get("buybackShareBps"), d);
    }

    function testFuzz_HoldsEveryValueToItsBounds(uint16 value) public {
        bytes32 key = "kappaBps";
        if (value > 5_000) vm.expectRevert(abi.encodeWithSelector(E.OutOfBounds.selector, key, value, 0, 5_000));
        parameters.setKappa(value);
        (uint256 next, ) = parameters.scheduled(key);
        vm.assertEq(next, value > 5_000 ? 5_000 : value);
    }

    function testFuzz_EverySetterSetsItsKeyWithinBounds(uint256 which, uint256 value) public {
        Setter[] memory all = _setters();
        Setter memory setter = all[which % all.length];
        value = bound(value, 0, setter.widest);
        (uint256 min, uint256 max) = parameters.bounds(setter.key);
        (uint256 before, ) = parameters.scheduled(setter.key);
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, bytes memory reason) = address(parameters).call(abi.encodeWithSelector(setter.selector, value));
        (uint256 next, uint64 effectiveEpoch) = parameters.scheduled(setter.key);
        if (value >= min && value <= max) {
            vm.assertTrue(ok);
            vm.assertEq(next, value);
            vm.assertEq(effectiveEpoch, 1);
        } else {
            vm.assertFalse(ok);
            vm.assertEq(reason, abi.encodeWithSelector(E.OutOfBounds.selector, setter.key, value, min, max));
            vm.assertEq(next, before);
        }
    }

    function testFuzz_SlashingSetsBothShares(uint16 slash, uint16 reward) public {
        slash = uint16(bound(slash, 1, 10_000));
        reward = uint16(bound(reward, 0, 5_000));
        parameters.setSlashing(slash, reward);
        (uint256 nextSlash, ) = parameters.scheduled("equivocationSlashBps");
        (uint256 nextReward, ) = parameters.scheduled("reporterRewardBps");
        vm.assertEq(nextSlash, slash);
        vm.assertEq(nextReward, reward);
        vm.expectRevert(abi.encodeWithSelector(E.OutOfBounds.selector, bytes32("reporterRewardBps"), 5_001, 0, 5_000));
        parameters.setSlashing(slash, 5_001);
    }

    function testFuzz_OnlyGovernanceSetsAndUpgrades(address caller) public {
        vm.assume(caller != address(this) && caller != address(manager));
        Setter[] memory all = _setters();
        for (uint256 i = 0; i < all.length; i++) {
            _refuses(caller, abi.encodeWithSelector(all[i].selector, uint256(1)));
        }
        _refuses(caller, abi.encodeCall(parameters.setShares, (10_000, 0, 0, 0)));
        _refuses(caller, abi.encodeCall(parameters.setSlashing, (1, 1)));
        _refuses(caller, abi.encodeCall(parameters.setEpochLength, (1)));
        _refuses(caller, abi.encodeCall(parameters.setThawPeriod, (1)));
        _refuses(caller, abi.encodeCall(parameters.setEvidenceWindow, (1)));
        _refuses(caller, abi.encodeCall(parameters.upgradeToAndCall, (address(this), "")));
    }

    struct Setter {
        bytes4 selector;
        bytes32 key;
        uint256 widest;
    }

    /// @dev Those of one number and without a rule beside the bounds.
    function _setters() private view returns (Setter[] memory all) {
        all = new Setter[](12);
        all[0] = Setter(parameters.setCommitteeSize.selector, "committeeSize", type(uint16).max);
        all[1] = Setter(parameters.setMinStake.selector, "minStake", type(uint128).max);
        all[2] = Setter(parameters.setEligibilityEpochs.selector, "eligibilityEpochs", type(uint32).max);
        all[3] = Setter(parameters.setMaxInflation.selector, "maxInflationBps", type(uint16).max);
        all[4] = Setter(parameters.setKappa.selector, "kappaBps", type(uint16).max);
        all[5] = Setter(parameters.setL2Stride.selector, "l2Stride", type(uint32).max);
        all[6] = Setter(parameters.setMaxPrice.selector, "maxPrice", type(uint64).max);
        all[7] = Setter(parameters.setMinBalance.selector, "minBalance", type(uint64).max);
        all[8] = Setter(parameters.setTreasury.selector, "treasury", type(uint160).max);
        all[9] = Setter(parameters.setBuyback.selector, "buyback", type(uint160).max);
        all[10] = Setter(parameters.setMaxLock.selector, "maxLock", type(uint32).max);
        all[11] = Setter(parameters.setMaxBoost.selector, "maxBoostBps", type(uint32).max);
    }

    function _refuses(address caller, bytes memory call) private {
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, bytes memory reason) = address(parameters).call(call);
        vm.assertFalse(ok);
        vm.assertEq(reason, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }

    function _deploy(I.Parameter[] memory list) private returns (ProtocolParameters) {
        address implementation = address(deployParameters(settlement));
        bytes memory call = abi.encodeCall(ProtocolParameters.initialize, (address(manager), list));
        return ProtocolParameters(address(new ERC1967Proxy(implementation, call)));
    }

    function _refusesToDeploy(I.Parameter[] memory list, bytes memory reason) private {
        address implementation = address(deployParameters(settlement));
        bytes memory call = abi.encodeCall(ProtocolParameters.initialize, (address(manager), list));
        vm.expectRevert(reason);
        new ERC1967Proxy(implementation, call);
    }
}
