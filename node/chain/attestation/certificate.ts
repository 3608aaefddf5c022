import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import { attestationMessage } from "#protocol/digests/consensus.ts";
import { sszRoot } from "#protocol/ssz/root.ts";
import { Block, type CertifiedBlock } from "#protocol/types/block.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { AttestationData, type CommitCertificate } from "#protocol/types/consensus.ts";
import { chainError } from "../errors.ts";
import { assertQuorumSignature } from "./quorum.ts";

/** What members attest to after executing `block` (DESIGN §6). */
export function attestationData(block: Block, blockRoot: Uint8Array): AttestationData {
  const { epoch, index } = block.input;
  return { epoch, index, previous: block.previous, blockRoot, stateRoot: block.stateRoot };
}

export function sameAttestation(a: AttestationData, b: AttestationData): boolean {
  return equalBytes(AttestationData.serialize(a), AttestationData.serialize(b));
}

/** @throws ERR_CERTIFICATE_COMMITTEE, ERR_CERTIFICATE_SIGNERS, ERR_CERTIFICATE_POWER, ERR_CERTIFICATE_SIGNATURE */
export function assertValidCommitCertificate(
  networkId: Uint8Array,
  verifier: ConsensusVerifier,
  committee: Committee,
  certificate: CommitCertificate,
): void {
  if (certificate.data.epoch !== committee.epoch) {
    throw chainError("ERR_CERTIFICATE_COMMITTEE", "the certificate is of another epoch", {
      expected: committee.epoch,
      got: certificate.data.epoch,
    });
  }
  assertQuorumSignature(verifier, committee, attestationMessage(networkId, certificate.data), certificate);
}

/**
 * The certificate is valid and certifies exactly these bytes of the block.
 * @returns its blockRoot
 * @throws ERR_CERTIFICATE_MISMATCH and the codes of `assertValidCommitCertificate`
 */
export function assertCertified(
  networkId: Uint8Array,
  verifier: ConsensusVerifier,
  committee: Committee,
  { block, certificate }: CertifiedBlock,
): Uint8Array {
  assertValidCommitCertificate(networkId, verifier, committee, certificate);
  const blockRoot = sszRoot(Block, block);
  if (!sameAttestation(attestationData(block, blockRoot), certificate.data)) {
    throw chainError("ERR_CERTIFICATE_MISMATCH", "the certificate is of another block", {
      epoch: block.input.epoch,
      index: block.input.index,
    });
  }
  return blockRoot;
}
