import { decode } from "#protocol/types/codec.ts";
import { Certificate, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { consensusError } from "./errors.ts";

/** Tags on the channel "consensus". Append only; from 0x40 on they belong to the chain. */
export const TAG = { header: 1, vote: 2, certificate: 3 } as const;
export type Tag = (typeof TAG)[keyof typeof TAG];

export interface WireMessage {
  tag: Tag;
  /** without the tag */
  bytes: Uint8Array;
}

export type PeerMessage =
  | { type: "header"; signed: SignedHeader }
  | { type: "vote"; vote: Vote }
  | { type: "certificate"; certificate: Certificate };

/** NAR-MESSAGE. @throws ERR_MESSAGE_UNKNOWN, ERR_DECODE */
export function decodePeerMessage(tag: number, bytes: Uint8Array): PeerMessage {
  switch (tag) {
    case TAG.header:
      return { type: "header", signed: decode(SignedHeader, bytes) };
    case TAG.vote:
      return { type: "vote", vote: decode(Vote, bytes) };
    case TAG.certificate:
      return { type: "certificate", certificate: decode(Certificate, bytes) };
    default:
      throw consensusError("ERR_MESSAGE_UNKNOWN", "no message of consensus has this tag", { tag });
  }
}

export function certificateMessage(certificate: Certificate): WireMessage {
  return { tag: TAG.certificate, bytes: Certificate.serialize(certificate) };
}
