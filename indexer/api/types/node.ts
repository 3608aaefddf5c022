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
import { type Fields, ofEpoch, ofNode } from "./fields.ts";

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
    epochs: t.field({
      type: lists.nodeEpochs.type,
      args: lists.nodeEpochs.args,
      description: "Stake, work, reputation and rewards per verified epoch, newest first.",
      resolve: ({ id }, args, context) =>
        lists.nodeEpochs.child(context, args, id, { parent: nodeEpochs.node, direction: "DESC" }),
    }),
    stakes: t.field({
      type: lists.stakes.type,
      args: lists.stakes.args,
      description: "What its stake was, newest first.",
      resolve: ({ id }, args, context) =>
        lists.stakes.child(context, args, id, { parent: stakes.node, direction: "DESC" }),
    }),
    stakeLocks: t.field({
      type: lists.stakeLocks.type,
      args: lists.stakeLocks.args,
      description: "Newest first.",
      resolve: ({ id }, args, context) =>
        lists.stakeLocks.child(context, args, id, { parent: stakeLocks.node, direction: "DESC" }),
    }),
    thawRequests: t.field({
      type: lists.thawRequests.type,
      args: lists.thawRequests.args,
      description: "Newest first.",
      resolve: ({ id }, args, context) =>
        lists.thawRequests.child(context, args, id, { parent: thawRequests.node, direction: "DESC" }),
    }),
    slashes: t.field({
      type: lists.slashes.type,
      args: lists.slashes.args,
      description: "Newest first.",
      resolve: ({ id }, args, context) =>
        lists.slashes.child(context, args, id, { parent: slashes.node, direction: "DESC" }),
    }),
    deliveries: t.field({
      type: lists.deliveries.type,
      args: lists.deliveries.args,
      description: "By client, newest epoch first.",
      resolve: ({ id }, args, context) =>
        lists.deliveries.child(context, args, id, { parent: deliveries.node, direction: "DESC" }),
    }),
    measurements: t.field({
      type: lists.measurements.type,
      args: lists.measurements.args,
      description: "What others reported of it, newest epoch first.",
      resolve: ({ id }, args, context) =>
        lists.measurements.child(context, args, id, { parent: measurements.subject, direction: "DESC" }),
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
