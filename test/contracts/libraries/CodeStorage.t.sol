// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CodeStorage} from "../../../contracts/libraries/CodeStorage.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice What cannot be written is not written: too little gas is left for the account that would hold it.
contract CodeStorageTest is StakingFixture {
    uint256 private constant ROTATED = 77;

    address private pointer;

    function testFuzz_WhatIsWrittenCanBeReadAndNeverRuns(bytes calldata data) public {
        this.write(data);
        vm.assertEq(CodeStorage.read(pointer), data);
        vm.assertEq(pointer.code, bytes.concat(hex"00", data));
        (bool ok, bytes memory returned) = pointer.call(data);
        vm.assertTrue(ok);
        vm.assertEq(returned.length, 0);
    }

    /// @dev 200 gas for each byte, of which a 64th stays with the caller: enough to say what failed.
    function test_WhatThereIsNoGasForIsNotWritten() public {
        bytes memory data = new bytes(24_000);
        (bool ok, bytes memory reason) = address(this).call{gas: 4_000_000}(abi.encodeCall(this.write, (data)));
        vm.assertFalse(ok);
        vm.assertEq(reason, abi.encodeWithSelector(CodeStorage.CodeStorageWriteFailed.selector));
        vm.assertEq(pointer, address(0));
        this.write{gas: 8_000_000}(data);
        vm.assertEq(CodeStorage.read(pointer), data);
    }

    /// @dev Only in a narrow range the gas suffices for the proof of possession and not for the key.
    function test_AnyAmountOfGasRotatesAKeyWholeOrNotAtAll() public {
        (bytes memory key, bytes memory proof) = _proven(ROTATED, owner);
        bytes memory data = abi.encodeCall(staking.rotateKeys, (nodeId, key, proof));
        (uint256 unwritten, uint256 rotated) = (0, 0);
        for (uint256 gasGiven = 150_000; gasGiven < 500_000; gasGiven += 2_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(owner);
            (bool ok, bytes memory reason) = address(staking).call{gas: gasGiven}(data);
            if (ok) rotated++;
            else if (bytes4(reason) == CodeStorage.CodeStorageWriteFailed.selector) unwritten++;
            vm.assertEq(uint256(staking.node(nodeId).keyVersion), ok ? 1 : 0);
            vm.assertTrue(staking.isKeyUsed(keccak256(key)) == ok);
            vm.revertToState(snapshot);
        }
        vm.assertTrue(unwritten != 0);
        vm.assertTrue(rotated != 0);
    }

    function write(bytes calldata data) external {
        pointer = CodeStorage.write(data);
    }
}
