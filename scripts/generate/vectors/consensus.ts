import { blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import {
  attestationMessage,
  beaconMessage,
  drawRank,
  foldBeacon,
  genesisCertificateDigest,
  headerDigest,
  headerMessage,
  settlementMessage,
  voteMessage,
} from "#protocol/digests/consensus.ts";
import {
  committeeHash,
  genesisDigest,
  popMessage,
  reportHash,
  restartDigest,
  settlementDigest,
  toL2Committee,
} from "#protocol/digests/settlement.ts";
import { balanceRoot, payoutProof, payoutRoot } from "#protocol/digests/trees.ts";
import { Committee } from "#protocol/types/committee.ts";
import { AttestationData, Header } from "#protocol/types/consensus.ts";
import { toHex } from "#protocol/types/hex.ts";
import { EpochReport, Settlement } from "#protocol/types/settlement.ts";
import {
  attestation,
  blsSigners,
  committee,
  counting,
  header,
  network,
  report,
  settlement,
} from "./samples.ts";

const id = network.networkId;

export function networkVectors() {
  return { chainId: network.chainId, settlement: network.settlement, networkId: toHex(id) };
}

export function consensusVectors() {
  const digest = headerDigest(id, header);
  const vote = { epoch: 5, round: header.round, author: header.author, digest };
  const settled = settlementDigest(settlement);
  const seed = counting(32, 50);
  const signature = counting(96, 51);
  return {
    networkId: toHex(id),
    header: {
      ssz: toHex(Header.serialize(header)),
      digest: toHex(digest),
      message: toHex(headerMessage(id, header, digest)),
    },
    vote: {
      epoch: 5,
      round: vote.round,
      author: vote.author,
      digest: toHex(digest),
      message: toHex(voteMessage(id, vote)),
    },
    attestation: {
      ssz: toHex(AttestationData.serialize(attestation)),
      message: toHex(attestationMessage(id, attestation)),
    },
    settlement: { epoch: 5, digest: toHex(settled), message: toHex(settlementMessage(id, 5, settled)) },
    genesisCertificate: {
      epoch: 5,
      opening: toHex(counting(32, 52)),
      nodeId: 7,
      digest: toHex(genesisCertificateDigest(id, 5, counting(32, 52), 7)),
    },
    beacon: {
      seed: toHex(seed),
      epoch: 5,
      round: 8,
      message: toHex(beaconMessage(id, seed, 5, 8)),
      signature: toHex(signature),
      folded: toHex(foldBeacon(id, seed, signature)),
    },
    draws: (["committee", "poster", "leader", "schedule"] as const).map((purpose) => ({
      purpose,
      seed: toHex(seed),
      value: 7,
      rank: toHex(drawRank(id, purpose, seed, 7)),
    })),
  };
}

export function settlementVectors() {
  const digest = settlementDigest(settlement);
  const message = settlementMessage(id, settlement.epoch, digest);
  const signing = [0, 2, 3];
  const shares = signing.map((i) => blsSigners[i]?.sign(message) as Uint8Array);
  const key = blsSigners[0]?.publicKey as Uint8Array;
  const owner = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
  const hash = committeeHash(committee);
  const { members, aggregateKey } = toL2Committee(committee);
  return {
    networkId: toHex(id),
    settlement: {
      ssz: toHex(Settlement.serialize(settlement)),
      digest: toHex(digest),
      message: toHex(message),
    },
    committee: { ssz: toHex(Committee.serialize(committee)), members, aggregateKey, hash: toHex(hash) },
    certificate: {
      nonSigners: [3],
      shares: shares.map(toHex),
      signature: toHex(blsAggregateSignatures(shares)),
      signatureEip2537: toHex(g2ToEip2537(blsAggregateSignatures(shares))),
    },
    genesis: {
      committeeHash: toHex(hash),
      startTime: 1_800_000_000_000,
      l2Number: 42,
      digest: toHex(genesisDigest(id, hash, 1_800_000_000_000, 42)),
    },
    restart: {
      lastActive: toHex(digest),
      committeeHash: toHex(hash),
      resumeEpoch: 9,
      restarts: 2,
      digest: toHex(restartDigest(id, digest, hash, 9, 2)),
    },
    proofOfPossession: {
      owner,
      key: toHex(key),
      keyEip2537: toHex(g1ToEip2537(key)),
      message: toHex(popMessage(id, owner, g1ToEip2537(key))),
    },
    report: { ssz: toHex(EpochReport.serialize(report)), hash: toHex(reportHash(report)) },
    trees: {
      payoutRoot: toHex(payoutRoot(report.payouts)),
      payoutProofs: report.payouts.map(({ account, stable, flk }) => ({
        account: toHex(account),
        stable: stable.toString(),
        flk: flk.toString(),
        proof: payoutProof(report.payouts, account)?.proof,
      })),
      balanceRoot: toHex(balanceRoot(report.balances)),
    },
  };
}
