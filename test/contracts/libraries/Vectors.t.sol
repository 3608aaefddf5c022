// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlementTypes} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {ConsensusMessage} from "../../../contracts/libraries/ConsensusMessage.sol";
import {SettlementDigest} from "../../../contracts/libraries/SettlementDigest.sol";
import {Vectors} from "../support/Vectors.sol";
import {vm} from "../support/Vm.sol";

/// @notice What TypeScript and Solidity both compute, of the same inputs.
contract VectorsTest {
    function test_Network() public {
        vm.chainId(Vectors.CHAIN_ID);
        vm.assertEq(ConsensusMessage.networkId(Vectors.SETTLEMENT_CONTRACT), Vectors.NETWORK_ID);
    }

    function test_Settlement() public view {
        IEpochSettlementTypes.Settlement memory s = abi.decode(Vectors.SETTLEMENT, (IEpochSettlementTypes.Settlement));
        bytes32 digest = this.digestOf(s);
        vm.assertEq(digest, Vectors.SETTLEMENT_DIGEST);
        vm.assertEq(ConsensusMessage.ofSettlement(Vectors.NETWORK_ID, s.epoch, digest), Vectors.SETTLEMENT_MESSAGE);
    }

    function test_Committee() public view {
        Committee memory committee = Committee(
            Vectors.COMMITTEE_EPOCH,
            Vectors.COMMITTEE_MEMBERS,
            Vectors.COMMITTEE_KEY
        );
        vm.assertEq(this.hashOf(committee), Vectors.COMMITTEE_HASH);
        vm.assertEq(CommitteeCertificate.hashOf(committee), Vectors.COMMITTEE_HASH);
    }

    function test_Certificate() public view {
        vm.assertTrue(this.verify(Vectors.SIGNERS_KEY, Vectors.SETTLEMENT_MESSAGE, Vectors.SIGNATURE));
        vm.assertFalse(this.verify(Vectors.COMMITTEE_KEY, Vectors.SETTLEMENT_MESSAGE, Vectors.SIGNATURE));
    }

    function test_Start() public pure {
        bytes32 digest = SettlementDigest.ofStart(
            Vectors.NETWORK_ID,
            Vectors.COMMITTEE_HASH,
            Vectors.GENESIS_START,
            Vectors.GENESIS_L2_NUMBER
        );
        vm.assertEq(digest, Vectors.GENESIS_DIGEST);
    }

    function test_Restart() public pure {
        bytes32 digest = SettlementDigest.ofRestart(
            Vectors.NETWORK_ID,
            Vectors.RESTART_LAST_ACTIVE,
            Vectors.COMMITTEE_HASH,
            Vectors.RESTART_EPOCH,
            Vectors.RESTART_COUNT
        );
        vm.assertEq(digest, Vectors.RESTART_DIGEST);
    }

    function test_ProofOfPossession() public pure {
        bytes32 message = ConsensusMessage.ofPossession(
            Vectors.NETWORK_ID,
            Vectors.POSSESSION_OWNER,
            Vectors.POSSESSION_KEY
        );
        vm.assertEq(message, Vectors.POSSESSION_MESSAGE);
    }

    function test_HeadersAndVotes() public pure {
        bytes32 header = ConsensusMessage.ofPayload(
            Vectors.NETWORK_ID,
            1,
            Vectors.HEADER_EPOCH,
            Vectors.HEADER_SLOT,
            Vectors.HEADER_PAYLOAD
        );
        vm.assertEq(header, Vectors.HEADER_MESSAGE);
        bytes32 vote = ConsensusMessage.ofPayload(
            Vectors.NETWORK_ID,
            2,
            Vectors.VOTE_EPOCH,
            Vectors.VOTE_SLOT,
            Vectors.VOTE_PAYLOAD
        );
        vm.assertEq(vote, Vectors.VOTE_MESSAGE);
    }

    // --- libraries that take calldata

    function digestOf(IEpochSettlementTypes.Settlement calldata s) external pure returns (bytes32) {
        return SettlementDigest.ofSettlement(s);
    }

    function hashOf(Committee calldata committee) external pure returns (bytes32) {
        return CommitteeCertificate.hash(committee);
    }

    function verify(bytes calldata key, bytes32 message, bytes calldata signature) external view returns (bool) {
        return Bls12381.verify(key, message, signature);
    }
}
