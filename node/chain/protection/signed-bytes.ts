import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import {
  attestationMessage,
  attestationSlot,
  headerDigest,
  headerMessage,
  headerSlot,
  KIND,
  type Kind,
  SETTLEMENT_SLOT,
  settlementMessage,
  voteMessage,
  voteSlot,
} from "#protocol/digests/consensus.ts";
import { decode } from "#protocol/types/codec.ts";
import { SettlementShare, SignedAttestation, SignedHeader, Vote } from "#protocol/types/consensus.ts";

/** What the bytes of a record say. */
export interface SignedBytes {
  epoch: number;
  slot: bigint;
  payloadHash: Uint8Array;
  /** what the signature is over */
  message: Uint8Array;
  signature: Uint8Array;
}

/** @throws ERR_DECODE */
export function readSigned(networkId: Uint8Array, kind: Kind, bytes: Uint8Array): SignedBytes {
  switch (kind) {
    case KIND.header: {
      const { header, signature } = decode(SignedHeader, bytes);
      const payloadHash = headerDigest(networkId, header);
      const message = headerMessage(networkId, header, payloadHash);
      return { epoch: header.epoch, slot: headerSlot(header.round), payloadHash, message, signature };
    }
    case KIND.vote: {
      const vote = decode(Vote, bytes);
      const { epoch, round, author, digest: payloadHash, signature } = vote;
      const message = voteMessage(networkId, vote);
      return { epoch, slot: voteSlot(round, author), payloadHash, message, signature };
    }
    case KIND.attestation: {
      const { data, signature } = decode(SignedAttestation, bytes);
      const message = attestationMessage(networkId, data);
      const { epoch, index } = data;
      return { epoch, slot: attestationSlot(index), payloadHash: message, message, signature };
    }
    case KIND.settlement: {
      const { epoch, digest, signature } = decode(SettlementShare, bytes);
      const message = settlementMessage(networkId, epoch, digest);
      return { epoch, slot: SETTLEMENT_SLOT, payloadHash: message, message, signature };
    }
  }
}

export function isSignedBy(
  verifier: ConsensusVerifier,
  keys: readonly Uint8Array[],
  { message, signature }: SignedBytes,
): boolean {
  return keys.some((key) => verifier.verify(key, message, signature));
}
