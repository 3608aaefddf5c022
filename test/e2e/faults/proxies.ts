import { connect, createServer, type Server, type Socket } from "node:net";
import { dialler } from "./dialler.ts";

/** What happens to connections across a cut: `reset` ends them, `silent` keeps them and passes nothing on, as lost packets do. */
export type Cut = "reset" | "silent";

interface Door {
  name: string;
  listen: number;
  to: number;
}

interface Pair {
  from: string | undefined;
  to: string;
  inbound: Socket;
  outbound: Socket;
  /** nothing passes */
  held: boolean;
}

/** TCP proxies on loopback, one in front of each node. Who dialled is known by the process that has the other end. */
export class TcpProxies {
  readonly #host: string;
  readonly #servers: Server[] = [];
  readonly #pairs = new Set<Pair>();
  #processes: () => ReadonlyMap<number, string> = () => new Map();
  #side: ReadonlyMap<string, number> = new Map();
  #cut: Cut = "reset";

  constructor(host: string) {
    this.#host = host;
  }

  /** `processes`: those that run now, pid to name */
  identify(processes: () => ReadonlyMap<number, string>): void {
    this.#processes = processes;
  }

  open(door: Door): Promise<void> {
    const server = createServer({ pauseOnConnect: true }, (inbound) => this.#accept(door, inbound));
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: door.listen, host: this.#host }, resolve);
    });
  }

  /** Nothing passes between names of different groups any more; those in no group are a group together. */
  partition(groups: readonly (readonly string[])[], cut: Cut): void {
    this.#side = new Map(groups.flatMap((names, at) => names.map((name) => [name, at] as const)));
    this.#cut = cut;
    for (const pair of this.#pairs) {
      // nobody knows on which side it is: who dialled dials again
      if (pair.from === undefined) end(pair);
      else if (this.#isCut(pair)) this.#interrupt(pair);
    }
  }

  heal(): void {
    this.#side = new Map();
    for (const pair of this.#pairs) {
      pair.held = false;
      pair.inbound.resume();
      pair.outbound.resume();
    }
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) end(pair);
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #accept(door: Door, inbound: Socket): void {
    inbound.on("error", () => inbound.destroy());
    const from = dialler(inbound.remotePort ?? 0, door.listen, this.#processes());
    const outbound = connect({ port: door.to, host: this.#host });
    const pair: Pair = { from, to: door.name, inbound, outbound, held: false };
    this.#pairs.add(pair);
    outbound.on("error", () => outbound.destroy());
    const done = (): void => {
      this.#pairs.delete(pair);
      end(pair);
    };
    inbound.once("close", done);
    outbound.once("close", done);
    pass(pair, inbound, outbound);
    pass(pair, outbound, inbound);
    if (from === undefined && this.#side.size > 0) end(pair);
    else if (this.#isCut(pair)) this.#interrupt(pair);
    else inbound.resume();
  }

  #interrupt(pair: Pair): void {
    if (this.#cut === "reset") end(pair);
    else {
      pair.held = true;
      pair.inbound.pause();
      pair.outbound.pause();
    }
  }

  #isCut({ from, to }: Pair): boolean {
    if (this.#side.size === 0) return false;
    return (from === undefined ? undefined : this.#side.get(from)) !== this.#side.get(to);
  }
}

function pass(pair: Pair, from: Socket, to: Socket): void {
  from.on("data", (bytes) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on("drain", () => {
    if (!pair.held) from.resume();
  });
  from.once("end", () => to.end());
}

function end({ inbound, outbound }: Pair): void {
  inbound.destroy();
  outbound.destroy();
}
