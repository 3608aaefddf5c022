import { ed25519Signer } from "#crypto";
import { blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { originHash } from "#protocol/digests/ack.ts";
import { type NetworkContext, networkContext } from "#protocol/digests/network.ts";
import { committeeHash, EMPTY_SLASH_LIST } from "#protocol/digests/settlement.ts";
import type { Ack, Delegation, Reserve } from "#protocol/types/ack.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { AttestationData, Header } from "#protocol/types/consensus.ts";
import type { Handshake } from "#protocol/types/delivery.ts";
import type { EpochReport, Settlement } from "#protocol/types/settlement.ts";

/** Fixed inputs of the vectors: every field has another value, and one network stands for all. */

export const network: NetworkContext = networkContext(31_337, "0x5FbDB2315678afecb367f032d93F642f64180aa3");

/** `length` bytes that count up from `start`. */
export function counting(length: number, start: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (start + i) % 256);
}

export const blsSigners = [1, 2, 3, 4].map((i) => blsSigner(blsKeygen(new Uint8Array(32).fill(i))));
/** Ed25519 secrets (seeds) */
export const SECRETS = { session: counting(32, 7), subkey: counting(32, 8), network: counting(32, 9) };
export const sessionSigner = ed25519Signer(SECRETS.session);
export const networkSigner = ed25519Signer(SECRETS.network);
/** secp256k1, 0x-hex: a published development key */
export const ACCOUNT_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

export const committee: Committee = {
  epoch: 5,
  members: blsSigners.map((signer, i) => ({
    nodeId: 2 * i + 1,
    keyVersion: i % 2,
    power: i + 1,
    consensusKey: signer.publicKey,
  })),
};

export const attestation: AttestationData = {
  epoch: 5,
  index: 17,
  previous: counting(32, 1),
  blockRoot: counting(32, 2),
  stateRoot: counting(32, 3),
};

export const header: Header = {
  epoch: 5,
  round: 2 ** 33 + 1,
  author: 3,
  createdAt: 1_800_000_000_123,
  payload: [
    { digest: counting(32, 10), worker: 0 },
    { digest: counting(32, 11), worker: 1 },
  ],
  parents: [counting(32, 12), counting(32, 13), counting(32, 14)],
  checkpoints: [{ number: 1024, hash: counting(32, 15) }],
  attestations: [{ data: attestation, node: 3, signature: counting(96, 16) }],
  beacon: [counting(96, 17)],
};

export const settlement: Settlement = {
  epoch: 5,
  previous: counting(32, 20),
  closeTime: 1_800_000_030_000,
  l2Number: 123_456_789,
  l2Hash: counting(32, 21),
  stateRoot: counting(32, 22),
  payoutRoot: counting(32, 23),
  balanceRoot: counting(32, 24),
  reportHash: counting(32, 25),
  totalBalances: 10n ** 15n + 1n,
  totalPayoutStable: 10n ** 16n + 2n,
  totalPayoutFlk: 2n ** 100n + 3n,
  slashListHash: EMPTY_SLASH_LIST,
  nextCommitteeHash: committeeHash({ ...committee, epoch: 6 }),
};

export const report: EpochReport = {
  epoch: 5,
  openTime: 1_800_000_000_000,
  closeTime: 1_800_000_030_000,
  blocks: 30,
  transactions: 12,
  lanes: 3,
  deliveries: 400,
  units: 104_857_600n,
  revenue: 1_048_576n,
  treasury: 52_428n,
  buyback: 52_428n,
  flkScheduled: 2n ** 71n + 1n,
  flkMinted: 2n ** 70n,
  committee: [1, 3, 5, 7],
  nextCommittee: [1, 3, 5, 8],
  nodes: [
    {
      node: 1,
      owner: counting(20, 30),
      stake: 10n ** 21n,
      optedIn: 1,
      reputation: 80,
      standing: {
        ...{ latency: 9_100, uptime: 9_200, throughput: 9_300, success: 9_400, trust: 9_500 },
        ...{ credibility: 9_600, reporters: 64, out: 1 },
      },
      work: [
        { service: 0, commodity: 0, units: 104_857_600n, deliveries: 400, lanes: 3, revenue: 1_048_576n },
      ],
      revenue: 1_048_576n,
      rewardStable: 838_863n,
      buyback: 52_428n,
      scheduledFlk: 2n ** 71n + 1n,
      rewardFlk: 2n ** 70n,
    },
  ],
  services: [{ service: 0, owner: counting(20, 31), revenue: 1_048_576n, rewardStable: 104_857n }],
  grants: [{ epoch: 5, lotBuyback: 100_000n, lotBurn: 2n ** 72n, flk: 2n ** 70n }],
  payouts: [
    { account: counting(20, 30), stable: 838_863n, flk: 2n ** 70n },
    { account: counting(20, 31), stable: 104_857n, flk: 0n },
  ],
  balances: [{ account: counting(20, 40), balance: 3_951_424n, depositsSeen: 5_000_000n }],
};

export const ack: Ack = {
  epoch: 5,
  account: counting(20, 40),
  session: sessionSigner.publicKey,
  lane: 2,
  node: 3,
  service: 0,
  commodity: 0,
  count: 400,
  units: 2n ** 60n + 1n,
  log: counting(32, 41),
};

export const handshake: Handshake = {
  account: counting(20, 40),
  session: sessionSigner.publicKey,
  node: 3,
  service: 0,
  commodity: 1,
  lane: 2,
  clientChallenge: counting(32, 42),
  nodeChallenge: counting(32, 43),
};

export const reserve: Reserve = {
  epoch: 5,
  account: counting(20, 40),
  session: sessionSigner.publicKey,
  node: 3,
  amount: 2n ** 63n + 5n,
};

export const subkeySigner = ed25519Signer(SECRETS.subkey);
export const DELEGATION_ORIGIN = "https://example.com";

export const delegation: Delegation = {
  account: counting(20, 40),
  session: sessionSigner.publicKey,
  subkey: subkeySigner.publicKey,
  from: 5,
  to: 9,
  limit: 2n ** 63n + 7n,
  origin: originHash(DELEGATION_ORIGIN),
};
