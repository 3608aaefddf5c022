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
        evidence.signature = BlsSigner.addSignatures(
            sign(secretsA, slasher.consensusMessage(1, epoch, 1, PAYLOAD_A)),
            sign(secretsB, slasher.consensusMessage(1, epoch, 1, PAYLOAD_B))
        );
    }

    function sign(uint256[] memory secrets, bytes32 message) internal view returns (bytes memory) {
        uint256 sum = 0;
        for (uint256 i = 0; i < secrets.length; i++) sum = addmod(sum, secrets[i], BlsSigner.ORDER);
        return BlsSigner.sign(sum, message);
    }
}
