import { loopbackNetwork } from "../support/loopback.ts";
import { fail, serve, setupOf } from "../support/processes.ts";
import { Sums } from "../support/sums.ts";
import { usageOf } from "../support/usage.ts";
import { Load } from "./load.ts";
import type { CommittedRange, FromMember, MemberSetup, ToMember } from "./messages.ts";

/** What a kind of member is made from. */
export interface MemberParts {
  setup: MemberSetup;
  network: ReturnType<typeof loopbackNetwork>;
  sums: Sums;
  /** to be told of what this member has committed */
  committed(ranges: readonly CommittedRange[]): void;
}

/** How a kind of member orders transactions. */
export interface Ordering {
  /** number `sequence` of this member's client */
  transaction(sequence: number): Uint8Array;
  /** Begins once all listen (`addresses[i]`: of member i + 1). Returns how transactions are handed in. */
  start(addresses: string[][]): Promise<(transactions: Uint8Array[]) => Promise<void>>;
}

function tell(message: FromMember): void {
  process.send?.(message);
}

/** One member of the committee in this process: real network, disk and keys, and a client that hands transactions in. */
export async function runMember(create: (parts: MemberParts) => Promise<Ordering>): Promise<void> {
  const setup = setupOf<MemberSetup>();
  const sums = new Sums();
  const network = loopbackNetwork(setup.nodeId, sums);
  const all: CommittedRange[] = [];
  const committed = (ranges: readonly CommittedRange[]): void => void all.push(...ranges);
  const ordering = await create({ setup, network, sums, committed });
  let load: Load | undefined;
  serve<ToMember>(async (message) => {
    switch (message.type) {
      case "peers": {
        const submit = await ordering.start(message.addresses);
        load = new Load((sequence) => ordering.transaction(sequence), submit, fail);
        return tell({ type: "ready" });
      }
      case "load":
        return load?.set(message.rate);
      case "usage":
        return tell({ type: "usage", usage: usageOf(sums) });
      case "report": {
        const { submitted = [], refused = 0 } = load ?? {};
        return tell({ type: "report", submitted: Float64Array.from(submitted), committed: all, refused });
      }
    }
  });
  await network.start();
  tell({ type: "listening", addresses: network.addresses() });
}
