// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStakingErrors as E, INodeStakingEvents as Ev} from "../../../contracts/interfaces/INodeStaking.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice rotateKeys, rotateNetworkKey, and the lookup of keys.
contract NodeStakingKeysTest is StakingFixture {
    uint256 private constant SECOND = 222;
    uint256 private constant THIRD = 333;

    // --- rotateKeys

    function test_ANewKeyActsFromTheNextDrawAndTheOldOneIsKept() public {
        bytes memory before = staking.keyOf(nodeId, 0);
        (bytes memory key, bytes memory proof) = _proven(SECOND, owner);
        vm.expectEmit(address(staking));
        emit Ev.KeyRotated(nodeId, 1, key, 1);
        vm.prank(owner);
        staking.rotateKeys(nodeId, key, proof);
        vm.assertEq(staking.node(nodeId).keyVersion, 1);
        vm.assertEq(staking.keyOf(nodeId, 0), before);
        vm.assertEq(staking.keyOf(nodeId, 1), key);
    }

    function test_AKeyRotatesOncePerEpoch() public {
        _rotate(SECOND);
        (bytes memory key, bytes memory proof) = _proven(THIRD, owner);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.RotatedThisEpoch.selector, nodeId, 1));
        staking.rotateKeys(nodeId, key, proof);
        _nextEpoch();
        vm.prank(owner);
        staking.rotateKeys(nodeId, key, proof);
        vm.assertEq(staking.node(nodeId).keyVersion, 2);
    }

    function test_NoKeyComesBackNorFromAnotherNode() public {
        _rotate(SECOND);
        _nextEpoch();
        uint256[3] memory used = [secretOf(nodeId), SECOND, secretOf(1)];
        for (uint256 i = 0; i < used.length; i++) {
            (bytes memory key, bytes memory proof) = _proven(used[i], owner);
            vm.prank(owner);
            vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, keccak256(key)));
            staking.rotateKeys(nodeId, key, proof);
            vm.prank(owner);
            vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, keccak256(key)));
            staking.register(key, proof, bytes32(uint256(1)), "");
        }
    }

    function test_ANewKeyIsProvenByTheOwnerAlsoWhenTheOperatorRotates() public {
        vm.prank(owner);
        staking.setOperator(nodeId, OPERATOR);
        (bytes memory key, bytes memory proof) = _proven(SECOND, OPERATOR);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProofOfPossession.selector));
        staking.rotateKeys(nodeId, key, proof);
        (key, proof) = _proven(SECOND, owner);
        vm.prank(OPERATOR);
        staking.rotateKeys(nodeId, key, proof);
        vm.assertEq(staking.keyOf(nodeId, 1), key);
    }

    function test_RejectsAProofOfAnotherKeyOrNetwork() public {
        (bytes memory key, bytes memory proof) = _proven(SECOND, owner);
        (bytes memory other, ) = _proven(THIRD, owner);
        bytes memory wrong = abi.encodeWithSelector(E.InvalidProofOfPossession.selector);
        vm.prank(owner);
        vm.expectRevert(wrong);
        staking.rotateKeys(nodeId, other, proof);
        vm.chainId(block.chainid + 1);
        vm.prank(owner);
        vm.expectRevert(wrong);
        staking.rotateKeys(nodeId, key, proof);
    }

    function test_RejectsInfinityAndMalformedKeys() public {
        (bytes memory key, bytes memory proof) = _proven(SECOND, owner);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        staking.rotateKeys(nodeId, new bytes(128), proof);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        staking.rotateKeys(nodeId, key, new bytes(256));
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        staking.rotateKeys(nodeId, bytes.concat(key, hex"00"), proof);
    }

    function testFuzz_GarbageRotatesNothing(bytes calldata key, bytes calldata proof) public {
        vm.prank(owner);
        vm.expectRevert();
        staking.rotateKeys(nodeId, key, proof);
        vm.assertEq(staking.node(nodeId).keyVersion, 0);
    }

    // --- keyOwner, keyVersionAt, keyOf, sumOfKeys

    function test_WhoseKeyItIsIsKnownForEver() public {
        _nextEpoch();
        _rotate(SECOND);
        (uint32 id, uint32 version, uint64 fromEpoch) = staking.keyOwner(_hashOf(secretOf(nodeId)));
        vm.assertEq(id, nodeId);
        vm.assertEq(uint256(version) + fromEpoch, 0);
        (id, version, fromEpoch) = staking.keyOwner(_hashOf(SECOND));
        vm.assertEq(id, nodeId);
        vm.assertEq(version, 1);
        vm.assertEq(fromEpoch, 2);
        (id, version, fromEpoch) = staking.keyOwner(_hashOf(THIRD));
        vm.assertEq(uint256(id) + version + fromEpoch, 0);
        vm.assertFalse(staking.isKeyUsed(_hashOf(THIRD)));
    }

    function testFuzz_EachEpochHasTheNewestVersionThatMayAct(uint8 rotations, uint8 asked) public {
        uint64[8] memory from;
        uint32 versions = 1;
        for (uint256 epoch = 0; epoch < 7; epoch++) {
            if ((rotations >> epoch) & 1 == 1) {
                _rotate(1_000 + epoch);
                from[versions++] = uint64(epoch + 1);
            }
            _nextEpoch();
        }
        uint32 expected = versions - 1;
        while (from[expected] > asked % 9) expected--;
        vm.assertEq(staking.keyVersionAt(nodeId, asked % 9), expected);
        vm.assertEq(staking.keyVersionAt(nodeId, type(uint64).max), versions - 1);
    }

    function testFuzz_SumOfKeysIsTheKeyOfTheSumOfSecrets(uint8 count, bool rotated) public {
        count = uint8(bound(count, 0, 4));
        if (rotated) _rotate(SECOND);
        uint64[] memory keyIds = new uint64[](count + 1);
        uint256 secret = rotated ? SECOND : secretOf(nodeId);
        keyIds[count] = _keyId(nodeId, rotated ? 1 : 0);
        for (uint32 i = 1; i <= count; i++) {
            keyIds[i - 1] = _keyId(i, 0);
            secret = addmod(secret, secretOf(i), BlsSigner.ORDER);
        }
        vm.assertEq(staking.sumOfKeys(keyIds), BlsSigner.publicKey(secret));
    }

    function test_TheSumOfNoKeysIsInfinity() public view {
        vm.assertEq(staking.sumOfKeys(new uint64[](0)), new bytes(128));
    }

    function test_UnknownKeysAreNamed() public {
        vm.expectRevert(abi.encodeWithSelector(E.UnknownKey.selector, nodeId, 1));
        staking.keyOf(nodeId, 1);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownKey.selector, nodeId + 1, 0));
        staking.keyOf(nodeId + 1, 0);
        uint64[] memory keyIds = new uint64[](2);
        (keyIds[0], keyIds[1]) = (_keyId(nodeId, 0), _keyId(nodeId, 7));
        vm.expectRevert(abi.encodeWithSelector(E.UnknownKey.selector, nodeId, 7));
        staking.sumOfKeys(keyIds);
        vm.expectRevert(abi.encodeWithSelector(E.UnknownKey.selector, nodeId, 7));
        staking.liabilityOf(keyIds[1]);
    }

    // --- rotateNetworkKey

    function test_ANetworkKeyIsReplacedAndNeverUsedAgain() public {
        bytes32 before = staking.node(nodeId).networkKey;
        bytes32 fresh = bytes32(uint256(0xed));
        vm.expectEmit(address(staking));
        emit Ev.NetworkKeyRotated(nodeId, fresh);
        vm.prank(owner);
        staking.rotateNetworkKey(nodeId, fresh);
        vm.assertEq(staking.node(nodeId).networkKey, fresh);
        vm.assertTrue(staking.isNetworkKeyUsed(fresh));
        bytes32[3] memory used = [before, fresh, staking.node(1).networkKey];
        for (uint256 i = 0; i < used.length; i++) {
            vm.prank(owner);
            vm.expectRevert(abi.encodeWithSelector(E.NetworkKeyAlreadyUsed.selector, used[i]));
            staking.rotateNetworkKey(nodeId, used[i]);
        }
    }

    function test_RejectsAZeroNetworkKey() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroNetworkKey.selector));
        staking.rotateNetworkKey(nodeId, 0);
    }

    function testFuzz_AnyUnusedNetworkKeyWillDo(bytes32 networkKey) public {
        vm.assume(networkKey != 0 && !staking.isNetworkKeyUsed(networkKey));
        vm.prank(owner);
        staking.rotateNetworkKey(nodeId, networkKey);
        vm.assertEq(staking.node(nodeId).networkKey, networkKey);
    }

    function _hashOf(uint256 secret) private view returns (bytes32) {
        return keccak256(BlsSigner.publicKey(secret));
    }
}
