import type { ConsensusSigner } from "#node/interface/crypto.ts";
import { beaconMessage, headerDigest, headerMessage } from "#protocol/digests/consensus.ts";
import { keyBytes } from "#protocol/types/bytes-key.ts";
import type { Header, SignedHeader } from "#protocol/types/consensus.ts";
import type { Dag } from "./dag.ts";
import type { EpochRules } from "./header.ts";
import { isAnchorRound } from "./leader.ts";

/**
 * NAR-PROPOSE: our header of `round` on every stored certificate of the round before. `now`: Unix ms; never before a parent's.
 */
export function makeHeader(
  rules: EpochRules,
  signer: ConsensusSigner,
  dag: Dag,
  own: Pick<Header, "round" | "author" | "payload" | "checkpoints" | "attestations">,
  now: number,
): { signed: SignedHeader; digest: Uint8Array } {
  const { networkId, committee, seed, genesis } = rules;
  const { epoch } = committee;
  const { round } = own;
  const below = dag.round(round - 1);
  const parents = round === 1 ? [...genesis.keys()] : below.map((vertex) => vertex.id);
  const created = below.map((vertex) => vertex.certificate.header.header.createdAt);
  const header: Header = {
    ...own,
    epoch,
    createdAt: Math.max(now, ...created),
    parents: parents.sort().map(keyBytes),
    beacon: isAnchorRound(round) ? [signer.sign(beaconMessage(networkId, seed, epoch, round))] : [],
  };
  const digest = headerDigest(networkId, header);
  return { signed: { header, signature: signer.sign(headerMessage(networkId, header, digest)) }, digest };
}
