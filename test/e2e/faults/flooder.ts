import { setTimeout as sleep } from "node:timers/promises";
import type { Channel } from "#node/interface/network.ts";
import { CHANNELS } from "#node/interface/network.ts";
import { createNetwork } from "#node/network/network.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { silentLogger, silentMetrics } from "#test/node/support/recording.ts";
import type { FloodSetup } from "./flood.ts";

/** Messages in a row between two looks whether to end. */
const BURST = 50;
/** Tags that somebody listens to: the rest is dropped unread. */
const TAGS: Record<Channel, number[]> = {
  consensus: [1, 2, 3, 0x40, 0x41, 0x42],
  batch: [1, 2, 3],
  sync: [1, 2, 3, 4, 0x80],
  tx: [1],
  probe: [0],
};

const setup = JSON.parse(process.argv[2] ?? "") as FloodSetup;
const rng = new Rng(setup.seed);
const network = createNetwork({
  self: setup.nodeId,
  networkSeed: fromHex(setup.networkSeed),
  listen: [setup.listen],
  logger: silentLogger,
  metrics: silentMetrics,
});

function garbage(channel: Channel): Uint8Array {
  const bytes = new Uint8Array(rng.chance(0.05) ? rng.int(1, 400_000) : rng.int(1, 2_000));
  for (let at = 0; at < bytes.length; at += 4) bytes[at] = rng.int(0, 255);
  const tags = TAGS[channel];
  bytes[0] = tags[rng.int(0, tags.length - 1)] ?? 0;
  return bytes;
}

function one(to: number): void {
  const channel = CHANNELS[rng.int(0, CHANNELS.length - 1)] ?? "consensus";
  if (channel === "consensus" || rng.chance(0.5)) network.send(to, channel, garbage(channel));
  else network.request(to, channel, garbage(channel), { timeoutMs: 5_000 }).catch(() => undefined);
}

process.on("disconnect", () => process.exit(0));
await network.start();
network.setPeers(setup.peers.map((peer) => ({ ...peer, networkKey: fromHex(peer.networkKey) })));
for (let told = false; ; ) {
  for (let i = 0; i < BURST; i++) for (const to of network.connected()) one(to);
  if (!told && network.connected().length > 0) told = process.send?.("up") !== undefined;
  await sleep(5);
}
