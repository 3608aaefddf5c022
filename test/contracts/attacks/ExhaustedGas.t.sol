// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice A poster gives so little gas that a precompile runs out of it, or sends points that burn all that a precompile gets.
contract ExhaustedGasTest is QueueFixture {
    function test_AnyAmountOfGasSettlesWholeOrNotAtAll() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory data = abi.encodeCall(IEpochSettlement.settle, (newest, s, current, none, _signed(s)));
        bytes32 before = settlement.latestDigest();
        bytes32 posted = settlement.settlementDigest(s);
        bool everSettled = false;
        for (uint256 gasGiven = 100_000; gasGiven < 500_000; gasGiven += 9_000) {
            uint256 snapshot = vm.snapshotState();
            (bool ok, ) = address(settlement).call{gas: gasGiven}(data);
            everSettled = everSettled || ok;
            vm.assertEq(settlement.latestDigest(), ok ? posted : before);
            vm.assertEq(uint256(settlement.nextEpoch()), ok ? 1 : 0);
            vm.revertToState(snapshot);
        }
        vm.assertTrue(everSettled);
    }

    function testFuzz_GarbageCostsItsSenderLittleAndChangesNothing(bytes32[8] memory words) public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory garbage = abi.encodePacked(words);
        uint256 gasBefore = gasleft();
        vm.expectRevert();
        settlement.settle{gas: 20_000_000}(newest, s, current, none, garbage);
        vm.assertLe(gasBefore - gasleft(), 500_000);
        vm.assertEq(uint256(settlement.nextEpoch()), 0);
    }

    function test_AKeyOutsideOfTheSubgroupIsNotRegistered() public {
        // (0, 2): on the curve, of small order.
        bytes memory key = new bytes(128);
        key[127] = 0x02;
        bytes memory proof = _signed(nextSettlement());
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        staking.register(key, proof, keccak256("n"), "");
    }
}
