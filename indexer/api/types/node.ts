import {
  deliveries,
  measurements,
  nodeEpochs,
  type nodes,
  slashes,
  stakeLocks,
  stakes,
  thawRequests,
} from "../../store/schema.ts";
import type { Refs } from "../refs.ts";
import { childList, type Fields, ofEpoch, ofNode } from "./fields.ts";

export function addNode(refs: Refs): void {
  refs.node.implement({
    description:
      "A registered node: now, or with `atEpoch` at the close of that epoch. Lists are not cut by it.",
    fields: (t) => ({
      id: t.exposeInt("id"),
      owner: t.expose("owner", { type: "Address" }),
      account: t.field({
        type: refs.account,
        nullable: true,
        resolve: (row, _, { loaders }) => loaders.account(row.owner),
      }),
      stake: t.expose("stake", { type: "FLK", description: "On the L2." }),
      thawing: t.expose("thawing", { type: "FLK", description: "Being withdrawn; still slashable." }),
      slashed: t.expose("slashed", { type: "FLK", description: "Cumulative." }),
      optedIn: t.exposeBoolean("optedIn", {
        description:
          "Wants to be drawn into committees, as said on the L2; the protocol chain may know better, see epochs.",
      }),
      lockedUntil: t.expose("lockedUntil", {
        type: "Counter",
        nullable: true,
        description: "Unix seconds until which stake cannot be unstaked; null when it never was locked.",
      }),
      operator: t.expose("operator", {
        type: "Address",
        nullable: true,
        description: "May run the node beside its owner.",
      }),
      payee: t.expose("payee", { type: "Address", description: "Whom its revenue and FLK go to." }),
      endpoints: t.field({
        type: ["String"],
        resolve: (row) => row.endpoints.split(",").filter((text) => text !== ""),
      }),
      consensusKey: t.expose("consensusKey", { type: "Hex", description: "The newest that is registered." }),
      keyVersion: t.exposeInt("keyVersion"),
      keyFromEpoch: t.expose("keyFromEpoch", {
        type: "Counter",
        nullable: true,
        description:
          "The first epoch whose committee may name that key: until then the one before it signs. Null for the key of its registration.",
      }),
      networkKey: t.expose("networkKey", { type: "Hex" }),
      reputation: t.exposeInt("reputation", {
        nullable: true,
        description: "0–100, of the newest verified epoch that it is in.",
      }),
      units: t.expose("units", {
        type: "Units",
        description: "Bandwidth that was acknowledged in the epoch that its reputation is of, bytes.",
      }),
      rewardStable: t.expose("rewardStable", { type: "USDC", description: "Of that epoch, too." }),
      rewardFlk: t.expose("rewardFlk", { type: "FLK", description: "Granted at the close of that epoch." }),
      ...nodeLists(t, refs),
    }),
  });
}

function nodeLists(t: Fields<typeof nodes.$inferSelect>, { lists }: Refs) {
  return {
    epochs: childList(t, lists.nodeEpochs, "id", {
      parent: nodeEpochs.node,
      direction: "DESC",
      description: "Stake, work, reputation and rewards per verified epoch, newest first.",
    }),
    stakes: childList(t, lists.stakes, "id", {
      parent: stakes.node,
      direction: "DESC",
      description: "What its stake was, newest first.",
    }),
    stakeLocks: childList(t, lists.stakeLocks, "id", {
      parent: stakeLocks.node,
      direction: "DESC",
      description: "Newest first.",
    }),
    thawRequests: childList(t, lists.thawRequests, "id", {
      parent: thawRequests.node,
      direction: "DESC",
      description: "Newest first.",
    }),
    slashes: childList(t, lists.slashes, "id", {
      parent: slashes.node,
      direction: "DESC",
      description: "Newest first.",
    }),
    deliveries: childList(t, lists.deliveries, "id", {
      parent: deliveries.node,
      direction: "DESC",
      description: "By client, newest epoch first.",
    }),
    measurements: childList(t, lists.measurements, "id", {
      parent: measurements.subject,
      direction: "DESC",
      description: "What others reported of it, newest epoch first.",
    }),
  };
}

export function addNodeEpoch(refs: Refs): void {
  refs.nodeEpoch.implement({
    description: "A node in an epoch, by the epoch's verified report.",
    fields: (t) => ({
      ...ofNode(t, refs),
      owner: t.expose("owner", { type: "Address" }),
      stake: t.expose("stake", { type: "FLK", description: "At the close of the epoch." }),
      optedIn: t.exposeBoolean("optedIn"),
      inCommittee: t.exposeBoolean("inCommittee"),
      reputation: t.exposeInt("reputation"),
      latency: t.exposeInt("latency", {
        description: "Of 10000, like the next five: why the reputation is what it is.",
      }),
      uptime: t.exposeInt("uptime"),
      throughput: t.exposeInt("throughput"),
      success: t.exposeInt("success"),
      trust: t.exposeInt("trust"),
      credibility: t.exposeInt("credibility", {
        description: "How far its own reports agree with what others saw.",
      }),
      reporters: t.exposeInt("reporters", { description: "Nodes that reported on it." }),
      outByFloor: t.exposeBoolean("outByFloor", {
        description: "Kept out of the draws by the floor of reputation or uptime.",
      }),
      work: t.field({
        type: [refs.work],
        resolve: async (row, _, { loaders }) => (await loaders.work(`${row.epoch}/${row.node}`)) ?? [],
      }),
      revenue: t.expose("revenue", { type: "USDC", description: "That its work earned, before the split." }),
      rewardStable: t.expose("rewardStable", { type: "USDC" }),
      buyback: t.expose("buyback", { type: "USDC", description: "Part of the revenue that buys back FLK." }),
      scheduledFlk: t.expose("scheduledFlk", {
        type: "FLK",
        description: "The most that will be granted for this epoch, once its buyback is sold.",
      }),
      rewardFlk: t.expose("rewardFlk", {
        type: "FLK",
        description: "Granted at the close of this epoch, for earlier ones whose buyback was sold by then.",
      }),
      ...ofEpoch(t, refs),
    }),
  });
  refs.work.implement({
    description: "Acknowledged work for one service and commodity.",
    fields: (t) => ({
      service: t.exposeInt("service"),
      commodity: t.exposeInt("commodity", { description: "0: bandwidth in bytes, 1: compute in ms." }),
      units: t.expose("units", { type: "Units" }),
      deliveries: t.expose("deliveries", { type: "Counter" }),
      lanes: t.expose("lanes", { type: "Counter" }),
      revenue: t.expose("revenue", { type: "USDC" }),
    }),
  });
}
