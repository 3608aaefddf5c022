import type { ConsensusVerifier, SignatureSet } from "#node/interface/crypto.ts";
import { beaconMessage, genesisCertificateDigest, headerMessage } from "#protocol/digests/consensus.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { compareBytes } from "#protocol/types/codec.ts";
import type { BatchRef, Header, SignedHeader } from "#protocol/types/consensus.ts";
import type { CommitteeView } from "./committee.ts";
import { type ConsensusErrorCode, consensusError } from "./errors.ts";
import { isAnchorRound } from "./leader.ts";

/** Workers per member. The availability key is (digest, worker), so more can follow. */
export const WORKERS = 1;

/** What every rule about headers of one epoch needs. */
export interface EpochRules {
  networkId: Uint8Array;
  committee: CommitteeView;
  seed: Uint8Array;
  /** EPO-GENESIS: nodeId by genesis certificate digest */
  genesis: ReadonlyMap<string, number>;
  verifier: ConsensusVerifier;
}

export function epochRules(
  networkId: Uint8Array,
  committee: CommitteeView,
  seed: Uint8Array,
  opening: Uint8Array,
  verifier: ConsensusVerifier,
): EpochRules {
  const genesis = new Map<string, number>();
  for (const nodeId of committee.nodeIds) {
    genesis.set(bytesKey(genesisCertificateDigest(networkId, committee.epoch, opening, nodeId)), nodeId);
  }
  return { networkId, committee, seed, genesis, verifier };
}

export function compareRefs(a: BatchRef, b: BatchRef): number {
  return compareBytes(a.digest, b.digest) || a.worker - b.worker;
}

function ascending<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  return items.every((item, at) => at === 0 || compare(items[at - 1] as T, item) < 0);
}

function refuse(ok: boolean, code: ConsensusErrorCode, message: string, header: Header): void {
  if (!ok) throw consensusError(code, message, { round: header.round, author: header.author });
}

/** Headers come from their authors alone. @throws ERR_MESSAGE_SENDER */
export function checkSender(from: number, { author }: Header): void {
  if (author !== from) throw consensusError("ERR_MESSAGE_SENDER", "a header of someone else", { from });
}

/**
 * NAR-HEADER: the rules that a header can be judged by alone, without the DAG and without signatures.
 * @throws ERR_EPOCH_FOREIGN, ERR_HEADER_*
 */
export function checkHeaderForm(rules: EpochRules, header: Header): void {
  const { committee, genesis } = rules;
  refuse(header.epoch === committee.epoch, "ERR_EPOCH_FOREIGN", "a header of another epoch", header);
  refuse(committee.has(header.author), "ERR_HEADER_AUTHOR", "its author is no member", header);
  refuse(header.round >= 1, "ERR_HEADER_ROUND", "rounds start at 1", header);
  refuse(
    ascending(header.payload, compareRefs) && header.payload.every((ref) => ref.worker < WORKERS),
    "ERR_HEADER_PAYLOAD",
    "its payload is not sorted, not unique or names a worker that does not exist",
    header,
  );
  const parents = header.parents;
  refuse(
    parents.length >= 1 && parents.length <= committee.size && ascending(parents, compareBytes),
    "ERR_HEADER_PARENTS",
    "its parents are none, too many, not sorted or not unique",
    header,
  );
  if (header.round === 1) {
    const power = parents.reduce(
      (sum, parent) => sum + committee.powerOf(genesis.get(bytesKey(parent)) ?? -1),
      0,
    );
    const known = parents.every((parent) => genesis.has(bytesKey(parent)));
    refuse(known && power >= committee.quorum, "ERR_HEADER_PARENTS", "not the genesis of this epoch", header);
  }
  refuse(
    ascending(header.checkpoints, (a, b) => a.number - b.number),
    "ERR_HEADER_CHECKPOINTS",
    "its checkpoints do not ascend",
    header,
  );
  refuse(
    header.attestations.every((attestation) => attestation.node === header.author),
    "ERR_HEADER_ATTESTATIONS",
    "it carries attestations of others",
    header,
  );
  refuse(
    header.beacon.length === (isAnchorRound(header.round) ? 1 : 0),
    "ERR_HEADER_BEACON",
    "headers of anchor rounds have a beacon, others none",
    header,
  );
}

/** NAR-SIGNED: the signature of the header, and its beacon if it has one. The form is checked before. */
export function headerSignatures(
  rules: EpochRules,
  { header, signature }: SignedHeader,
  digest: Uint8Array,
): SignatureSet[] {
  const { committee, networkId, seed } = rules;
  const key = committee.keyOf(header.author);
  const beacon = header.beacon[0];
  if (!key) return [];
  const own = { keys: [key], message: headerMessage(networkId, header, digest), signature };
  if (!beacon) return [own];
  const drawn = beaconMessage(networkId, seed, header.epoch, header.round);
  return [own, { keys: [key], message: drawn, signature: beacon }];
}

/** NAR-SIGNED. @throws ERR_HEADER_SIGNATURE, ERR_HEADER_BEACON. The form is checked before. */
export function checkHeaderSignatures(rules: EpochRules, signed: SignedHeader, digest: Uint8Array): void {
  const { header } = signed;
  const [own, beacon] = headerSignatures(rules, signed, digest);
  const isValid = ({ keys: [key], message, signature }: SignatureSet) =>
    key !== undefined && rules.verifier.verify(key, message, signature);
  refuse(
    own !== undefined && isValid(own),
    "ERR_HEADER_SIGNATURE",
    "its signature is not by its author",
    header,
  );
  refuse(!beacon || isValid(beacon), "ERR_HEADER_BEACON", "its beacon is not by its author", header);
}
