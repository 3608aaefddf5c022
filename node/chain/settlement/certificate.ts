import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { Committee } from "#protocol/types/committee.ts";
import { Settlement, type SettlementCertificate } from "#protocol/types/settlement.ts";
import { assertQuorumSignature } from "../attestation/quorum.ts";
import { chainError } from "../errors.ts";
import type { ClosedRecord } from "./closed-record.ts";

/**
 * The certificate settles the epoch exactly as we computed it, and 2f+1 of its committee signed that. Committees are
 * compared whole, so that no list with duplicate, unsorted or foreign members passes.
 * @throws ERR_CERTIFICATE_COMMITTEE, ERR_CERTIFICATE_MISMATCH, ERR_CERTIFICATE_SIGNERS, ERR_CERTIFICATE_POWER,
 * ERR_CERTIFICATE_SIGNATURE, ERR_STATE_DIVERGED (2f+1 really signed another one)
 */
export function assertValidSettlementCertificate(
  networkId: Uint8Array,
  verifier: ConsensusVerifier,
  closed: ClosedRecord,
  certificate: SettlementCertificate,
): void {
  const { epoch } = closed.settlement;
  if (certificate.settlement.epoch !== epoch) {
    throw chainError("ERR_CERTIFICATE_MISMATCH", "the certificate settles another epoch", {
      expected: epoch,
      got: certificate.settlement.epoch,
    });
  }
  if (!sameCommittee(closed.committee, certificate.committee)) {
    throw chainError("ERR_CERTIFICATE_COMMITTEE", "the certificate is by another committee", { epoch });
  }
  const message = settlementMessage(networkId, epoch, settlementDigest(certificate.settlement));
  assertQuorumSignature(verifier, closed.committee, message, certificate);
  if (!equalBytes(Settlement.serialize(closed.settlement), Settlement.serialize(certificate.settlement))) {
    throw chainError("ERR_STATE_DIVERGED", "2f+1 signed another settlement than ours", { epoch });
  }
  if (!sameCommittee(closed.nextCommittee, certificate.nextCommittee)) {
    throw chainError("ERR_CERTIFICATE_COMMITTEE", "the certificate hands over to another committee", {
      epoch,
    });
  }
}

function sameCommittee(a: Committee, b: Committee): boolean {
  return equalBytes(Committee.serialize(a), Committee.serialize(b));
}
