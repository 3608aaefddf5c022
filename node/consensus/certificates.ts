import { BitArray } from "@chainsafe/ssz";
import type { SignatureSet } from "#node/interface/crypto.ts";
import { voteMessage } from "#protocol/digests/consensus.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Certificate, Header, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { consensusError } from "./errors.ts";
import type { EpochRules } from "./header.ts";

/**
 * NAR-VOTES: collects the votes for one header. Signatures are checked all at once when they make a quorum, one by one only if
 * that fails, so that a bad vote costs its sender's vote and nothing else.
 */
export class VoteAggregator {
  readonly signed: SignedHeader;
  readonly digest: Uint8Array;
  #rules: EpochRules;
  #message: Uint8Array;
  #votes = new Map<number, Uint8Array>();
  #checked = new Set<number>();

  constructor(rules: EpochRules, signed: SignedHeader, digest: Uint8Array) {
    this.#rules = rules;
    this.signed = signed;
    this.digest = digest;
    const { epoch, round, author } = signed.header;
    this.#message = voteMessage(rules.networkId, { epoch, round, author, digest });
  }

  has(voter: number): boolean {
    return this.#votes.has(voter);
  }

  /**
   * The certificate once there is a quorum; `bad` are the voters whose signatures turned out wrong.
   * @throws ERR_VOTE_VOTER, ERR_VOTE_UNEXPECTED, ERR_VOTE_DUPLICATE
   */
  add(vote: Vote): { certificate?: Certificate; bad: number[] } {
    const { header } = this.signed;
    const { voter } = vote;
    if (this.#rules.committee.powerOf(voter) === 0)
      throw consensusError("ERR_VOTE_VOTER", "the voter is no member", { voter });
    const same = vote.epoch === header.epoch && vote.round === header.round && vote.author === header.author;
    if (!same || !equalBytes(vote.digest, this.digest)) {
      throw consensusError("ERR_VOTE_UNEXPECTED", "a vote for another header", { voter, round: vote.round });
    }
    if (this.#votes.has(voter)) throw consensusError("ERR_VOTE_DUPLICATE", "the voter has voted", { voter });
    this.#votes.set(voter, vote.signature);
    return this.#power() < this.#rules.committee.quorum ? { bad: [] } : this.#seal();
  }

  #power(): number {
    let power = 0;
    for (const voter of this.#votes.keys()) power += this.#rules.committee.powerOf(voter);
    return power;
  }

  #seal(): { certificate?: Certificate; bad: number[] } {
    const all = this.#aggregate();
    if (all) return { certificate: all, bad: [] };
    const bad: number[] = [];
    for (const [voter, signature] of this.#votes) {
      if (this.#checked.has(voter)) continue;
      if (this.#rules.verifier.verify(this.#key(voter), this.#message, signature)) this.#checked.add(voter);
      else bad.push(voter);
    }
    for (const voter of bad) this.#votes.delete(voter);
    const certificate = this.#power() < this.#rules.committee.quorum ? undefined : this.#aggregate();
    return certificate ? { certificate, bad } : { bad };
  }

  #key(voter: number): Uint8Array {
    return this.#rules.committee.keyOf(voter) ?? new Uint8Array(48);
  }

  #aggregate(): Certificate | undefined {
    const voters = [...this.#votes.keys()].sort((a, b) => a - b);
    const { committee, verifier } = this.#rules;
    const signature = aggregated(
      verifier,
      voters.map((voter) => this.#votes.get(voter) as Uint8Array),
    );
    if (
      !signature ||
      !verifier.verifyAggregate(
        voters.map((voter) => this.#key(voter)),
        this.#message,
        signature,
      )
    ) {
      return undefined;
    }
    const signers = BitArray.fromBitLen(committee.size);
    for (const voter of voters) signers.set(committee.indexOf(voter), true);
    return { header: this.signed, signers, signature };
  }
}

/** undefined when one of them does not parse: the caller then checks them one by one */
function aggregated(verifier: EpochRules["verifier"], signatures: Uint8Array[]): Uint8Array | undefined {
  try {
    return verifier.aggregate(signatures);
  } catch {
    return undefined;
  }
}

/** Of a round that is collected nothing is taken any more. @throws ERR_CERTIFICATE_TOO_OLD */
export function checkNotCollected({ round }: Header, gcRound: number): void {
  if (round <= gcRound) throw consensusError("ERR_CERTIFICATE_TOO_OLD", "its round is collected", { round });
}

/**
 * NAR-CERT: what the votes of a certificate with a quorum signed, and the sum of their signatures.
 * @throws ERR_CERTIFICATE_SIGNERS, ERR_CERTIFICATE_POWER
 */
export function certificateSignature(
  rules: EpochRules,
  certificate: Certificate,
  digest: Uint8Array,
): SignatureSet {
  const { committee, networkId } = rules;
  const { epoch, round, author } = certificate.header.header;
  const at = { round, author };
  if (certificate.signers.bitLen !== committee.size) {
    throw consensusError("ERR_CERTIFICATE_SIGNERS", "its signer bits are not as many as members", at);
  }
  const voters = committee.nodeIds.filter((_, index) => certificate.signers.get(index));
  const power = voters.reduce((sum, voter) => sum + committee.powerOf(voter), 0);
  if (power < committee.quorum) {
    throw consensusError("ERR_CERTIFICATE_POWER", "less than a quorum signed", {
      ...at,
      power,
      quorum: committee.quorum,
    });
  }
  const keys = voters.map((voter) => committee.keyOf(voter) as Uint8Array);
  const message = voteMessage(networkId, { epoch, round, author, digest });
  return { keys, message, signature: certificate.signature };
}

/**
 * NAR-CERT. A quorum's votes bind the header, its form and its own signature, which honest voters checked: only the votes are
 * checked here.
 * @throws ERR_CERTIFICATE_SIGNERS, ERR_CERTIFICATE_POWER, ERR_CERTIFICATE_SIGNATURE
 */
export function checkCertificate(rules: EpochRules, certificate: Certificate, digest: Uint8Array): void {
  const { keys, message, signature } = certificateSignature(rules, certificate, digest);
  if (rules.verifier.verifyAggregate(keys, message, signature)) return;
  const { round, author } = certificate.header.header;
  throw consensusError("ERR_CERTIFICATE_SIGNATURE", "its aggregated signature does not verify", {
    round,
    author,
  });
}
