import { type Ed25519Signer, ed25519Signer, sha256 } from "#crypto";
import { signAck } from "#protocol/digests/ack.ts";
import { encodeAccountTransaction, signNodeTransaction } from "#protocol/digests/transactions.ts";
import { MAX_ACKS_PER_TRANSACTION } from "#protocol/params/limits.ts";
import { COMMODITY, SERVICE_CDN, SESSION_SCHEME_ED25519, type SignedAck } from "#protocol/types/ack.ts";
import { TX } from "#protocol/types/transactions.ts";
import { networkSeed } from "../support/committee.ts";
import { CONTEXT } from "../support/network.ts";

const UNITS_PER_DELIVERY = 65_536n;
const NO_SIGNATURE = `0x${"00".repeat(65)}` as const;

export interface WorkloadOptions {
  nodes: number;
  accounts: number;
  lanes: number;
  lanesPerBlock: number;
}

interface Client {
  account: Uint8Array;
  session: Ed25519Signer;
}

function numbered(domain: number, number: number): Uint8Array {
  return sha256(Uint8Array.of(domain, number >> 24, number >> 16, number >> 8, number));
}

function* ranges(count: number, size: number): Generator<{ from: number; to: number }> {
  for (let from = 0; from < count; from += size) yield { from, to: Math.min(count, from + size) };
}

/** The transactions of a run, block by block. Lanes go to the accounts in turn, and by whole transactions to the nodes. */
export class Workload {
  readonly #options: WorkloadOptions;
  readonly #clients: Client[];
  #sequence = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#clients = Array.from({ length: options.accounts }, (_, number) => ({
      account: numbered(0xac, number).slice(0, 20),
      session: ed25519Signer(numbered(0x5e, number)),
    }));
  }

  get accounts(): Uint8Array[] {
    return this.#clients.map(({ account }) => account);
  }

  /** Authorises every session key, with no signatures of the accounts. */
  authorizations(): Uint8Array[][] {
    const transactions = this.#clients.map(({ account, session }) => {
      const body = {
        ...{ account, nonce: 0, scheme: SESSION_SCHEME_ED25519, key: session.publicKey },
        ...{ expiryEpoch: 100, limit: 1n << 40n },
      };
      return encodeAccountTransaction({ kind: TX.authorizeSession, body }, NO_SIGNATURE);
    });
    const size = this.#options.lanesPerBlock;
    return [...ranges(transactions.length, size)].map(({ from, to }) => transactions.slice(from, to));
  }

  /** An acknowledgement of `round` deliveries in each lane, as their nodes submit them. */
  submissions(round: number): Uint8Array[][] {
    const { lanes, lanesPerBlock } = this.#options;
    return [...ranges(lanes, lanesPerBlock)].map(({ from, to }) =>
      [...ranges(to - from, MAX_ACKS_PER_TRANSACTION)].map((part) =>
        this.#submission({ from: from + part.from, to: from + part.to }, round),
      ),
    );
  }

  #submission(lanes: { from: number; to: number }, round: number): Uint8Array {
    const node = (Math.floor(lanes.from / MAX_ACKS_PER_TRANSACTION) % this.#options.nodes) + 1;
    const acks: SignedAck[] = [];
    for (let lane = lanes.from; lane < lanes.to; lane++) acks.push(this.#acknowledgement(lane, node, round));
    const signer = ed25519Signer(networkSeed(node));
    return signNodeTransaction(
      CONTEXT,
      { kind: TX.submitAcks, body: { node, sequence: ++this.#sequence, acks, delegations: [] } },
      signer,
    );
  }

  #acknowledgement(lane: number, node: number, round: number): SignedAck {
    const { accounts } = this.#options;
    const { account, session } = this.#clients[lane % accounts] as Client;
    const ack = {
      ...{ epoch: 0, account, session: session.publicKey, lane: Math.floor(lane / accounts), node },
      ...{ service: SERVICE_CDN, commodity: COMMODITY.bandwidth },
      ...{ count: round, units: BigInt(round) * UNITS_PER_DELIVERY, log: numbered(round, lane) },
    };
    return signAck(CONTEXT.networkId, ack, session);
  }
}
