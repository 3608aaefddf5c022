// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStakingErrors as E} from "../../../contracts/interfaces/INodeStaking.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice A thief sees a registration on its way and comes first with the victim's key, proof or network key.
contract FrontRunRegistrationTest is StakingFixture {
    address private constant VICTIM = address(0xf00d);
    uint256 private constant SECRET = 4242;
    bytes32 private constant NETWORK_KEY = bytes32(uint256(0xed25519));

    bytes private _key;
    bytes private _proof;

    function setUp() public override {
        super.setUp();
        (_key, _proof) = _proven(SECRET, VICTIM);
    }

    function testFuzz_NobodyRegistersTheKeyWithTheProofOfItsHolder(address thief, bytes32 networkKey) public {
        vm.assume(thief != VICTIM && networkKey != 0 && !staking.isNetworkKeyUsed(networkKey));
        vm.prank(thief);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProofOfPossession.selector));
        staking.register(_key, _proof, networkKey, "");
        _registersVictim(NETWORK_KEY);
    }

    function test_NorRotatesToItAsOwnerOrOperatorOfAnotherNode() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProofOfPossession.selector));
        staking.rotateKeys(nodeId, _key, _proof);
        vm.prank(owner);
        staking.setOperator(nodeId, VICTIM);
        vm.prank(VICTIM);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProofOfPossession.selector));
        staking.rotateKeys(nodeId, _key, _proof);
        _registersVictim(NETWORK_KEY);
    }

    function testFuzz_NoKeyMadeFromTheVictimsHasAProof(uint256 own) public {
        // own - victim: aggregated with the victim's it would be a key that the thief alone signs for.
        own = bound(own, 1, BlsSigner.ORDER - 1);
        bytes memory rogue = Bls12381.add(BlsSigner.publicKey(own), Bls12381.negate(_key));
        bytes32 message = staking.proofMessage(STRANGER, rogue);
        bytes memory proof = BlsSigner.sign(own, message);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProofOfPossession.selector));
        staking.register(rogue, proof, NETWORK_KEY, "");
    }

    function test_WhoTakesTheNetworkKeyTakesNothingElse() public {
        (bytes memory key, bytes memory proof) = _proven(666, STRANGER);
        vm.prank(STRANGER);
        uint32 squatted = staking.register(key, proof, NETWORK_KEY, "");
        vm.prank(VICTIM);
        vm.expectRevert(abi.encodeWithSelector(E.NetworkKeyAlreadyUsed.selector, NETWORK_KEY));
        staking.register(_key, _proof, NETWORK_KEY, "");

        // The same key and proof register with a fresh network key, which is all that the victim has to make anew.
        uint32 registered = _registersVictim(bytes32(uint256(NETWORK_KEY) + 1));
        vm.assertEq(staking.keyOf(registered, 0), _key);
        vm.assertEq(staking.keyOf(squatted, 0), key);
        vm.assertEq(staking.node(registered).owner, VICTIM);
    }

    function test_ANodeThatIsThereLosesNothing() public {
        uint32 registered = _registersVictim(NETWORK_KEY);
        (bytes memory key, bytes memory proof) = _proven(666, STRANGER);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(E.NetworkKeyAlreadyUsed.selector, NETWORK_KEY));
        staking.register(key, proof, NETWORK_KEY, "");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(E.KeyAlreadyUsed.selector, keccak256(_key)));
        staking.register(_key, _proof, bytes32(uint256(1)), "");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(E.NotNodeOwner.selector, registered, STRANGER));
        staking.rotateKeys(registered, key, proof);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(E.NotNodeOwner.selector, registered, STRANGER));
        staking.rotateNetworkKey(registered, bytes32(uint256(1)));
    }

    function _registersVictim(bytes32 networkKey) private returns (uint32 registered) {
        vm.prank(VICTIM);
        registered = staking.register(_key, _proof, networkKey, "");
        vm.assertEq(staking.node(registered).owner, VICTIM);
    }
}
