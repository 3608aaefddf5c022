import { asc, inArray } from "drizzle-orm";
import type { Hex } from "viem";
import type { Transaction } from "../store/database.ts";
import { nodes, thawRequests } from "../store/schema.ts";
import type { KnownLog, LogOf, UnknownLog } from "../sync/l2-logs.ts";
import { openInOrder, removeAt } from "./thawing.ts";

/** A request that thaws; amounts in wei. */
export interface OpenRequest {
  request: number;
  remaining: bigint;
}

/** What the contract holds of a node. */
export interface Held {
  /** wei of stake and of requests */
  total: bigint;
  /** in the order of the contract's list */
  open: OpenRequest[];
}

type SlashPlace = { block: number; logIndex: number; txHash: Hex };

/**
 * Stake and open requests of the nodes that a range of logs slashes, read once and then told of each log in turn: so that a slash, whose
 * shares follow from what was there before it, need not wait for the rows before it to be written.
 */
export class StakeBook {
  readonly #held: Map<number, Held>;
  /** without evidence yet, by node */
  readonly #slashes = new Map<number, SlashPlace[]>();

  private constructor(held: Map<number, Held>) {
    this.#held = held;
  }

  /** Before the first row of the range is written. */
  static async read(tx: Transaction, logs: readonly (KnownLog | UnknownLog)[]): Promise<StakeBook> {
    const held = new Map<number, Held>();
    for (const log of logs) {
      if (log.contract === "staking" && log.eventName === "Slashed")
        held.set(log.args.nodeId, { total: 0n, open: [] });
    }
    const ids = [...held.keys()];
    if (ids.length === 0) return new StakeBook(held);
    const known = await tx
      .select({ id: nodes.id, stake: nodes.stake, thawing: nodes.thawing })
      .from(nodes)
      .where(inArray(nodes.id, ids));
    const requests = await tx
      .select()
      .from(thawRequests)
      .where(inArray(thawRequests.node, ids))
      .orderBy(asc(thawRequests.request));
    const byNode = Map.groupBy(requests, ({ node }) => node);
    for (const { id, stake, thawing } of known) {
      const open = openInOrder(byNode.get(id) ?? []).map(({ request, remaining }) => ({
        request,
        remaining,
      }));
      held.set(id, { total: stake + thawing, open });
    }
    return new StakeBook(held);
  }

  /** Of every log of the staking contract, before what it says is written. */
  follow(log: LogOf<"staking">): void {
    switch (log.eventName) {
      case "StakeChanged": {
        const held = this.#held.get(log.args.nodeId);
        if (held) held.total = log.args.staked + log.args.thawing;
        return;
      }
      case "UnstakeRequested": {
        const { nodeId, requestId, amount } = log.args;
        this.#held.get(nodeId)?.open.push({ request: Number(requestId), remaining: amount });
        return;
      }
      case "UnstakeCancelled":
      case "Withdrawn": {
        const open = this.#held.get(log.args.nodeId)?.open;
        const request = Number(log.args.requestId);
        if (open)
          removeAt(
            open,
            open.findIndex((each) => each.request === request),
          );
        return;
      }
      case "Slashed": {
        const { block, logIndex, txHash, args } = log;
        const places = this.#slashes.get(args.nodeId) ?? [];
        this.#slashes.set(args.nodeId, places);
        places.push({ block, logIndex, txHash });
      }
    }
  }

  /** Of a node that the range slashes, as of the log that was followed last. */
  held(nodeId: number): Held | undefined {
    return this.#held.get(nodeId);
  }

  /** The newest slash of the node in a transaction that no evidence was shown for. A transaction is whole in a range. */
  takeSlash(nodeId: number, txHash: Hex): SlashPlace | undefined {
    const places = this.#slashes.get(nodeId);
    const at = places?.findLastIndex((place) => place.txHash === txHash) ?? -1;
    return at < 0 ? undefined : places?.splice(at, 1)[0];
  }
}
