// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStakingErrors} from "../../../contracts/interfaces/INodeStaking.sol";
import {ISlasher, ISlasherErrors as E} from "../../../contracts/interfaces/ISlasher.sol";
import {ConsensusMessage} from "../../../contracts/libraries/ConsensusMessage.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice The L2 forks, or another network runs the same contracts: what was signed for one is replayed on the other. A node that follows
/// both honestly signs different things for one slot, once on each.
contract ReplayAcrossForksTest is StakingFixture {
    uint256 private constant STAKE = 100 ether;
    bytes32 private constant NETWORK_KEY = bytes32(uint256(0xed25519));

    function setUp() public override {
        super.setUp();
        _stake(STAKE);
    }

    function testFuzz_EvidenceOfAnotherChainSlashesNobody(uint64 chain) public {
        uint256 here = block.chainid;
        vm.assume(chain != 0 && chain != here);
        ISlasher.Evidence memory evidence = _equivocation(0);
        vm.chainId(chain);
        _rejected(evidence);
        ISlasher.Evidence memory foreign = _equivocation(0);
        vm.chainId(here);
        _rejected(foreign);
        slasher.slashEquivocation(evidence, REPORTER);
    }

    function testFuzz_EvidenceOfAnotherSettlementSlashesNobody(address other) public {
        vm.assume(other != address(settlement));
        bytes32 network = ConsensusMessage.networkId(other);
        ISlasher.Evidence memory evidence = _equivocation(0);
        evidence.signature = BlsSigner.addSignatures(
            _signedFor(network, evidence, evidence.payloadA),
            _signedFor(network, evidence, evidence.payloadB)
        );
        _rejected(evidence);
    }

    function testFuzz_HonestlyFollowingBothForksIsNoEquivocation(uint64 chain, bool exchanged) public {
        uint256 here = block.chainid;
        vm.assume(chain != 0 && chain != here);
        bytes32 network = staking.networkId();
        vm.chainId(chain);
        bytes32 fork = staking.networkId();
        ISlasher.Evidence memory evidence = _equivocation(0);
        // Payload A was signed on one fork and payload B on the other.
        evidence.signature = BlsSigner.addSignatures(
            _signedFor(exchanged ? fork : network, evidence, evidence.payloadA),
            _signedFor(exchanged ? network : fork, evidence, evidence.payloadB)
        );
        _rejected(evidence);
        vm.chainId(here);
        _rejected(evidence);
    }

    function testFuzz_AProofOfPossessionOfAnotherNetworkRegistersNothing(uint64 chain, address other) public {
        uint256 here = block.chainid;
        vm.assume(chain != 0 && chain != here && other != address(settlement));
        bytes memory key = BlsSigner.publicKey(77);
        bytes32 message = ConsensusMessage.ofPossession(ConsensusMessage.networkId(other), owner, key);
        _rejectedProof(key, BlsSigner.sign(77, message));
        vm.chainId(chain);
        bytes memory proof = BlsSigner.sign(77, staking.proofMessage(owner, key));
        vm.chainId(here);
        _rejectedProof(key, proof);
    }

    function test_BothForksKnowTheirOwnNetwork() public {
        bytes32 network = staking.networkId();
        vm.assertEq(network, settlement.networkId());
        vm.chainId(block.chainid + 1);
        vm.assertFalse(network == staking.networkId());
        vm.assertEq(staking.networkId(), settlement.networkId());
    }

    function _signedFor(
        bytes32 network,
        ISlasher.Evidence memory evidence,
        bytes32 payload
    ) private view returns (bytes memory) {
        bytes32 message = ConsensusMessage.ofPayload(network, evidence.kind, evidence.epoch, evidence.slot, payload);
        return BlsSigner.sign(secretOf(nodeId), message);
    }

    function _rejected(ISlasher.Evidence memory evidence) private {
        vm.expectRevert(abi.encodeWithSelector(E.InvalidSignature.selector));
        slasher.slashEquivocation(evidence, REPORTER);
        vm.assertEq(staking.slashable(nodeId), STAKE);
    }

    function _rejectedProof(bytes memory key, bytes memory proof) private {
        bytes memory wrong = abi.encodeWithSelector(INodeStakingErrors.InvalidProofOfPossession.selector);
        vm.prank(owner);
        vm.expectRevert(wrong);
        staking.register(key, proof, NETWORK_KEY, "");
        vm.prank(owner);
        vm.expectRevert(wrong);
        staking.rotateKeys(nodeId, key, proof);
    }
}
