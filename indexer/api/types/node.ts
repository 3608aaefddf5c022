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
import {
  childList,
  type Fields,
  KEY_VERSION,
  NODE_ID,
  ofCommodity,
  ofEpoch,
  ofNode,
  ofStanding,
} from "./fields.ts";

export function addNode(refs: Refs): void {
  refs.node.implement({
    description:
      "A registered node: now, or with `atEpoch` at the close of that epoch. Lists are not cut by it.",
    fields: (t) => ({
      id: t.exposeInt("id", { description: NODE_ID }),
      owner: t.expose("owner", { type: "Address", description: "Who registered it, and owns its stake." }),
      account: t.field({
        type: refs.account,
        nullable: true,
        description: "The account of its owner as it is now; null when that never held or was owed anything.",
        resolve: (row, _, { loaders }) => loaders.account(row.owner),
      }),
      stake: t.expose("stake", {
        type: "FLK",
        description: "That is staked on the L2, what thaws not counted.",
      }),
      thawing: t.expose("thawing", { type: "FLK", description: "Being withdrawn; still slashable." }),
      slashed: t.expose("slashed", {
        type: "FLK",
        description: "Cumulative, of stake and of what was thawing.",
      }),
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
        description: "May run the node beside its owner; null: nobody.",
      }),
      payee: t.expose("payee", { type: "Address", description: "Whom its revenue and FLK go to." }),
      endpoints: t.field({
        type: ["String"],
        description: "Multiaddresses where it is reached, as its owner wrote them on the L2: not checked.",
        resolve: (row) => row.endpoints.split(",").filter((text) => text !== ""),
      }),
      consensusKey: t.expose("consensusKey", {
        type: "Hex",
        description: "The newest that is registered: BLS12-381, compressed G1.",
      }),
      keyVersion: t.exposeInt("keyVersion", { description: KEY_VERSION }),
      keyFromEpoch: t.expose("keyFromEpoch", {
        type: "Counter",
        nullable: true,
        description:
          "The first epoch whose committee may name that key: until then the one before it signs. Null for the key of its registration.",
      }),
      networkKey: t.expose("networkKey", {
        type: "Hex",
        description: "Ed25519 public key that it proves on every connection.",
      }),
      reputation: t.exposeInt("reputation", {
        nullable: true,
        description:
          "0–100, of the newest verified epoch that it is in; null before the first. With `atEpoch` of that epoch.",
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
      owner: t.expose("owner", { type: "Address", description: "At the close of the epoch." }),
      stake: t.expose("stake", { type: "FLK", description: "At the close of the epoch." }),
      optedIn: t.exposeBoolean("optedIn", {
        description: "Whether it wanted to be drawn into committees, at the close of the epoch.",
      }),
      inCommittee: t.exposeBoolean("inCommittee", {
        description: "Whether it had a seat in the epoch's own committee.",
      }),
      reputation: t.exposeInt("reputation", { description: "0–100, as the close of the epoch left it." }),
      ...ofStanding(t),
      work: t.field({
        type: [refs.work],
        description: "What it was paid for in the epoch, by service, then commodity.",
        resolve: async (row, _, { loaders }) => (await loaders.work(`${row.epoch}/${row.node}`)) ?? [],
      }),
      revenue: t.expose("revenue", { type: "USDC", description: "That its work earned, before the split." }),
      rewardStable: t.expose("rewardStable", {
        type: "USDC",
        description: "The node's share of that revenue: what the epoch added to the payout of its payee.",
      }),
      buyback: t.expose("buyback", { type: "USDC", description: "Part of the revenue that buys back FLK." }),
      scheduledFlk: t.expose("scheduledFlk", {
        type: "FLK",
        description: "The most that will be granted for this epoch, once its buyback is sold.",
      }),
      rewardFlk: t.expose("rewardFlk", {
        type: "FLK",
        description: "Granted at the close of this epoch, for earlier ones whose buyback was sold by then.",
      }),
      ...ofEpoch(t, refs, "Number of the epoch that it is of."),
    }),
  });
  refs.work.implement({
    description: "Acknowledged work for one service and commodity.",
    fields: (t) => ({
      ...ofCommodity(t),
      units: t.expose("units", { type: "Units", description: "That were paid, in those of its commodity." }),
      deliveries: t.expose("deliveries", { type: "Counter", description: "How many were paid." }),
      lanes: t.expose("lanes", { type: "Counter", description: "That were paid for the first time." }),
      revenue: t.expose("revenue", { type: "USDC", description: "That the work earned, before the split." }),
    }),
  });
}
