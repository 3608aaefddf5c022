// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISlasher} from "../../../contracts/interfaces/ISlasher.sol";
import {Slasher} from "../../../contracts/staking/Slasher.sol";
import {BlsSigner} from "./BlsSigner.sol";

/// @notice Evidence that is signed for real.
library Equivocation {
    bytes32 internal constant PAYLOAD_A = bytes32(uint256(0xa));
    bytes32 internal constant PAYLOAD_B = bytes32(uint256(0xb));

    /// @notice One key that signed two headers of round 1 of `epoch`.
    function single(
        Slasher slasher,
        uint64 epoch,
        uint64 keyId,
        uint256 secret
    ) internal view returns (ISlasher.Evidence memory) {
        uint64[] memory signers = new uint64[](1);
        signers[0] = keyId;
        uint256[] memory secrets = new uint256[](1);
        secrets[0] = secret;
        return aggregated(slasher, epoch, signers, secrets, signers, secrets);
    }

    /// @notice Two aggregates over different payloads.
    function aggregated(
        Slasher slasher,
        uint64 epoch,
        uint64[] memory signersA,
        uint256[] memory secretsA,
        uint64[] memory signersB,
        uint256[] memory secretsB
    ) internal view returns (ISlasher.Evidence memory evidence) {
        evidence.kind = 1;
        evidence.epoch = epoch;
        evidence.slot = 1;
        (evidence.payloadA, evidence.payloadB) = (PAYLOAD_A, PAYLOAD_B);
        (evidence.signersA, evidence.signersB) = (signersA, signersB);
        return resigned(slasher, evidence, sum(secretsA), sum(secretsB));
    }

    /// @notice The evidence as it is now, with the signature that it needs.
    function resigned(
        Slasher slasher,
        ISlasher.Evidence memory evidence,
        uint256 secretA,
        uint256 secretB
    ) internal view returns (ISlasher.Evidence memory) {
        (bytes32 messageA, bytes32 messageB) = messages(slasher, evidence);
        evidence.signature = BlsSigner.addSignatures(
            BlsSigner.sign(secretA, messageA),
            BlsSigner.sign(secretB, messageB)
        );
        return evidence;
    }

    function messages(
        Slasher slasher,
        ISlasher.Evidence memory evidence
    ) internal view returns (bytes32 messageA, bytes32 messageB) {
        (uint8 kind, uint64 epoch, uint256 slot) = (evidence.kind, evidence.epoch, evidence.slot);
        messageA = slasher.consensusMessage(kind, epoch, slot, evidence.payloadA);
        messageB = slasher.consensusMessage(kind, epoch, slot, evidence.payloadB);
    }

    /// @notice The secret of the sum of the keys.
    function sum(uint256[] memory secrets) internal pure returns (uint256 total) {
        for (uint256 i = 0; i < secrets.length; i++) total = addmod(total, secrets[i], BlsSigner.ORDER);
    }
}
