import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSession, type SessionKey } from "#client/actions/create-session.ts";
import { type OpenSessionParameters, openSession } from "#client/actions/open-session.ts";
import { createFlkClient, type FlkClient } from "#client/client.ts";
import type { DeliverySession } from "#client/session/session.ts";
import { blake3, ed25519Signer } from "#crypto";
import { createDelivery, type Delivery, type DeliveryOptions } from "#node/delivery/delivery.ts";
import { createContentStore } from "#node/edge/content-store.ts";
import type { ContentStore } from "#node/edge/content-types.ts";
import { createEdge, type Edge } from "#node/edge/server.ts";
import type { Clock } from "#node/interface/clock.ts";
import { createRpc } from "#node/rpc/server.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, recordingLogger } from "#test/node/support/recording.ts";
import { FakeChain } from "./fake-chain.ts";

export const CHAIN_ID = 31337;
export const SETTLEMENT: Hex = "0x00000000000000000000000000000000000000aa";
export const NODE_ID = 4;
export const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
/** Bytes that compress to nothing in common with others of another seed. */
export function bytesOf(length: number, seed: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0, x = seed + 1; i < length; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    out[i] = x >>> 16;
  }
  return out;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export interface ShiftableClock extends Clock {
  /** lets time pass without waiting; timers stay real */
  shift(ms: number): void;
  /** sets the time of day, as NTP does: no time passes */
  step(ms: number): void;
}

export function shiftableClock(): ShiftableClock {
  let passed = 0;
  let steps = 0;
  return {
    ...systemClock,
    now: () => Date.now() + passed + steps,
    elapsed: () => performance.now() + passed,
    shift: (ms) => {
      passed += ms;
    },
    step: (ms) => {
      steps += ms;
    },
  };
}

export interface Customer {
  account: Hex;
  key: SessionKey;
}

export interface World {
  chain: FakeChain;
  client: FlkClient;
  content: ContentStore;
  store: MemoryStore;
  delivery: Delivery;
  edge: Edge;
  metrics: RecordingMetrics;
  logger: ReturnType<typeof recordingLogger>;
  /** An account with an authorised session key; micro-USD. */
  customer(id: number, options?: { balance?: bigint; limit?: bigint; expiryEpoch?: number }): Customer;
  put(bytes: Uint8Array): Promise<Hex>;
  open(
    customer: Customer,
    options?: Partial<OpenSessionParameters>,
    through?: FlkClient,
  ): Promise<DeliverySession>;
  /** Ends the node and starts it again on the same port, from what its store holds. */
  restart(options?: { downMs?: number }): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions
  extends Partial<
    Pick<
      DeliveryOptions,
      "creditTimeoutMs" | "submission" | "sessions" | "maxLanesPerKey" | "maxDelegatedLanes" | "minPrices"
    >
  > {
  /** of the edge */
  takeMs?: number;
  clock?: Clock;
}

const signer = ed25519Signer(filled(32, 77));

/** A node's edge and delivery over real HTTP, with a fake chain behind them and a real JSON-RPC in front of it. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), "flk-delivery-"));
  const chain = new FakeChain();
  const context = networkContext(CHAIN_ID, SETTLEMENT);
  const logger = recordingLogger();
  const metrics = new RecordingMetrics();
  const clock = options.clock ?? systemClock;
  const store = new MemoryStore();
  const content = await createContentStore({ dir });
  const common = { context, self: NODE_ID, signer, chain, clock, logger, metrics };
  const make = async (port: number) => {
    const delivery = createDelivery({ ...common, pool: chain, store, ...options });
    await delivery.start();
    const edge = createEdge({
      ...common,
      host: "127.0.0.1",
      port,
      portOption: "handshake.port",
      content,
      delivery,
      maxRuns: 2,
      ...(options.takeMs !== undefined && { takeMs: options.takeMs }),
    });
    await edge.start();
    return { delivery, edge };
  };
  let running = await make(0);
  chain.addNode(NODE_ID, signer.publicKey, `/ip4/127.0.0.1/tcp/1,${running.edge.url()}`);
  const rpc = createRpc({
    port: 0,
    chain,
    pool: chain,
    evidence: { conflicts: (query) => running.delivery.conflicts(query) },
    notReady: () => undefined,
    version: "0",
    logger,
    metrics,
  });
  await rpc.start();
  const client = createFlkClient({
    rpcUrl: `http://127.0.0.1:${rpc.address()?.port}`,
    chainId: CHAIN_ID,
    settlement: SETTLEMENT,
  });
  const stop = async () => {
    await running.edge.stop();
    await running.delivery.stop();
  };
  return {
    chain,
    client,
    content,
    store,
    metrics,
    logger,
    get delivery() {
      return running.delivery;
    },
    get edge() {
      return running.edge;
    },
    customer(id, { balance = 1_000_000_000n, limit = 1_000_000_000n, expiryEpoch = 1_000 } = {}) {
      const account = filled(20, id);
      const key = createSession(filled(32, id));
      if (!chain.account(account)) chain.addAccount(account, balance);
      chain.addSession(account, key.publicKey, limit, expiryEpoch);
      return { account: toHex(account), key };
    },
    async put(bytes) {
      const { hash } = await content.put(
        (async function* () {
          yield bytes;
        })(),
      );
      return toHex(hash);
    },
    open: (customer, extra = {}, through = client) =>
      openSession(through, {
        nodeId: NODE_ID,
        account: customer.account,
        session: customer.key,
        maxReserve: 10n ** 15n,
        ...extra,
      }),
    async restart({ downMs = 0 } = {}) {
      const port = Number(new URL(running.edge.url()).port);
      await stop();
      await new Promise((resolve) => setTimeout(resolve, downMs));
      running = await make(port);
    },
    async close() {
      await stop();
      await rpc.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export const hashOf = (bytes: Uint8Array): Hex => toHex(blake3(bytes));
