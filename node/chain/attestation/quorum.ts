import { BitArray } from "@chainsafe/ssz";
import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { type Committee, memberIndex, quorumPower } from "#protocol/types/committee.ts";
import { chainError } from "../errors.ts";

export interface QuorumSignature {
  signers: BitArray;
  signature: Uint8Array;
}

/**
 * BLK-CERT: one message signed by 2f+1 of the committee's power.
 * @throws ERR_CERTIFICATE_SIGNERS, ERR_CERTIFICATE_POWER, ERR_CERTIFICATE_SIGNATURE
 */
export function assertQuorumSignature(
  verifier: ConsensusVerifier,
  committee: Committee,
  message: Uint8Array,
  { signers, signature }: QuorumSignature,
): void {
  if (signers.bitLen !== committee.members.length) {
    throw chainError("ERR_CERTIFICATE_SIGNERS", "the signer bits do not fit the committee", {
      expected: committee.members.length,
      got: signers.bitLen,
    });
  }
  const members = signers.intersectValues(committee.members);
  const power = members.reduce((sum, member) => sum + member.power, 0);
  if (power < quorumPower(committee)) {
    throw chainError("ERR_CERTIFICATE_POWER", "the signers have less than the quorum", {
      expected: quorumPower(committee),
      got: power,
    });
  }
  const keys = members.map((member) => member.consensusKey);
  if (!verifier.verifyAggregate(keys, message, signature)) {
    throw chainError("ERR_CERTIFICATE_SIGNATURE", "the aggregate signature is not by its signers", {});
  }
}

interface Share {
  signature: Uint8Array;
  verified: boolean;
}

/**
 * Gathers signatures of committee members over one message. They are checked together once they reach the quorum, one
 * by one only when that fails or when two come in the name of one member.
 */
export class QuorumCollector {
  readonly message: Uint8Array;
  #committee: Committee;
  #verifier: ConsensusVerifier;
  #shares = new Map<number, Share>();
  #rejected: (node: number) => void;

  constructor(
    committee: Committee,
    message: Uint8Array,
    verifier: ConsensusVerifier,
    rejected: (node: number) => void,
  ) {
    this.#committee = committee;
    this.message = message;
    this.#verifier = verifier;
    this.#rejected = rejected;
  }

  /** `trusted`: our own signature, or one that was checked. Signatures of strangers are refused. */
  add(node: number, signature: Uint8Array, trusted = false): void {
    const index = memberIndex(this.#committee, node);
    if (index < 0) {
      this.#rejected(node);
      return;
    }
    const held = this.#shares.get(index);
    if (held?.verified || (held && equalBytes(held.signature, signature))) return;
    if (held && !trusted) {
      if (this.#check(index, held)) return;
      this.#rejected(node);
    }
    this.#shares.set(index, { signature, verified: trusted });
  }

  /** Once there is a quorum of good signatures: in the order of the committee. */
  result(): QuorumSignature | undefined {
    if (!this.#reached()) return undefined;
    const whole = this.#aggregate();
    if (whole) return whole;
    for (const [index, share] of [...this.#shares]) {
      if (share.verified || this.#check(index, share)) continue;
      this.#shares.delete(index);
      this.#rejected(this.#committee.members[index]?.nodeId ?? -1);
    }
    return this.#reached() ? this.#aggregate() : undefined;
  }

  #reached(): boolean {
    let power = 0;
    for (const index of this.#shares.keys()) power += this.#committee.members[index]?.power ?? 0;
    return power >= quorumPower(this.#committee);
  }

  #check(index: number, share: Share): boolean {
    const key = this.#committee.members[index]?.consensusKey;
    share.verified = key !== undefined && this.#verifier.verify(key, this.message, share.signature);
    return share.verified;
  }

  #aggregate(): QuorumSignature | undefined {
    const signers = BitArray.fromBitLen(this.#committee.members.length);
    const ordered = [...this.#shares].sort(([a], [b]) => a - b);
    for (const [index] of ordered) signers.set(index, true);
    const certificate: QuorumSignature = { signers, signature: new Uint8Array(96) };
    try {
      certificate.signature = this.#verifier.aggregate(ordered.map(([, share]) => share.signature));
    } catch {
      // a share that is no curve point: the caller checks them one by one
      return undefined;
    }
    if (ordered.every(([, share]) => share.verified)) return certificate;
    const keys = signers.intersectValues(this.#committee.members).map((member) => member.consensusKey);
    return this.#verifier.verifyAggregate(keys, this.message, certificate.signature)
      ? certificate
      : undefined;
  }
}
