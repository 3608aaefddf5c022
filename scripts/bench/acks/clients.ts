import { type HandshakeOptions, handshake } from "#client/session/handshake.ts";
import { ed25519Signer } from "#crypto";
import { isFlkError } from "#protocol/errors/error.ts";
import { MAX_LANES_PER_SESSION } from "#protocol/params/limits.ts";
import { COMMODITY, SERVICE_CDN } from "#protocol/types/ack.ts";
import { toHex } from "#protocol/types/hex.ts";
import { accountOf } from "../support/accounts.ts";
import { networkSeed } from "../support/committee.ts";
import { CONTEXT } from "../support/network.ts";
import { fail, serve, setupOf } from "../support/processes.ts";
import { Sums } from "../support/sums.ts";
import { usageOf } from "../support/usage.ts";
import { BenchLane } from "./lane.ts";
import type { ClientsSetup, EdgeAddress, FromClients, ToClients } from "./messages.ts";
import { sessionOf } from "./people.ts";

/** Handshakes that run at once. */
const OPENING = 16;
const ATTEMPTS = 5;

function say(message: FromClients): void {
  process.send?.(message);
}

/** Many clients in this process. Their lanes take turns; so many as `inFlight` are at work at once. */
class Clients {
  readonly #setup: ClientsSetup;
  readonly #lanes: BenchLane[] = [];
  readonly #confirmed = { lanes: [] as number[], counts: [] as number[], signedAt: [] as number[] };
  readonly #refused: Record<string, number> = {};
  #next = 0;
  #on = false;
  #working: Promise<unknown> = Promise.resolve();

  constructor(setup: ClientsSetup) {
    this.#setup = setup;
  }

  async handle(message: ToClients): Promise<void> {
    switch (message.type) {
      case "open":
        await this.#open(message.edges);
        return say({ type: "opened" });
      case "load":
        this.#on = message.on;
        if (message.on) this.#load();
        else await this.#working.then(() => say({ type: "stopped" }));
        return;
      case "usage":
        return say({ type: "usage", usage: usageOf(new Sums()) });
      case "report": {
        const { lanes, counts, signedAt } = this.#confirmed;
        return say({
          type: "report",
          lanes: Uint32Array.from(lanes),
          counts: Uint32Array.from(counts),
          signedAt: Float64Array.from(signedAt),
          refused: this.#refused,
        });
      }
    }
  }

  /** Lane l of client c is with edge (c + l) mod all. */
  async #open(edges: readonly EdgeAddress[]): Promise<void> {
    const { from, to, lanes } = this.#setup;
    const wanted: { client: number; lane: number }[] = [];
    for (let lane = 0; lane < lanes; lane++) {
      for (let client = from; client < to; client++) wanted.push({ client, lane });
    }
    const queue = wanted.values();
    const worker = async (): Promise<void> => {
      for (const { client, lane } of queue) {
        this.#lanes.push(
          await this.#openLane(client, lane, edges[(client + lane) % edges.length] as EdgeAddress),
        );
      }
    };
    await Promise.all(Array.from({ length: OPENING }, worker));
  }

  async #openLane(client: number, lane: number, edge: EdgeAddress): Promise<BenchLane> {
    const account = accountOf(client);
    const session = sessionOf(client);
    const networkKey = ed25519Signer(networkSeed(edge.nodeId)).publicKey;
    const { id: sessionId } = await opened({
      ...{ fetch, network: CONTEXT, url: edge.url, node: { nodeId: edge.nodeId, networkKey } },
      ...{ account: toHex(account), session, service: SERVICE_CDN, commodity: COMMODITY.bandwidth, lane },
    });
    const id = client * MAX_LANES_PER_SESSION + lane;
    return new BenchLane({ id, lane, account, session, edge, sessionId, bytes: this.#setup.bytes });
  }

  #load(): void {
    const workers = Array.from({ length: this.#setup.inFlight }, () => this.#work());
    this.#working = Promise.all(workers).catch(fail);
  }

  async #work(): Promise<void> {
    while (this.#on) {
      const lane = this.#lanes[this.#next++ % this.#lanes.length] as BenchLane;
      const outcome = await lane.deliver();
      if (typeof outcome === "string") this.#refused[outcome] = (this.#refused[outcome] ?? 0) + 1;
      else {
        this.#confirmed.lanes.push(lane.id);
        this.#confirmed.counts.push(lane.count);
        this.#confirmed.signedAt.push(outcome);
      }
    }
  }
}

/** A handshake; a node that does not answer for a while under load is asked again, as a client would. */
async function opened(options: HandshakeOptions): Promise<{ id: string }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await handshake(options);
    } catch (error) {
      if (attempt === ATTEMPTS || !isFlkError(error, "ERR_NODE_UNREACHABLE")) throw error;
    }
  }
}

const clients = new Clients(setupOf<ClientsSetup>());
serve<ToClients>((message) => clients.handle(message));
say({ type: "up" });
