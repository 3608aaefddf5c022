import assert from "node:assert/strict";
import { test } from "node:test";
import { wantedEpoch } from "#node/chain/wanted-epoch.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { silentLogger } from "#test/node/support/recording.ts";

/** A member between epochs 4 and 5: block 53 closed epoch 4, whose settlement is certified. */
function between(certified: number): Parameters<typeof wantedEpoch>[0] {
  const committee = (epoch: number) => ({ epoch, members: [] });
  const state = { epoch: 5, seed: new Uint8Array(32), height: 53, blocks: 0, committee: () => committee(5) };
  const record = { settlement: { epoch: 4, previous: new Uint8Array(32) }, committee: committee(4) };
  return {
    importer: { state, idle: async () => undefined, isMember: () => true, opening: async () => undefined },
    settler: { waiting: () => undefined },
    settlements: { closed: async () => record },
    certified: { height: certified },
    store: new MemoryStore(),
    logger: silentLogger,
  } as never;
}

test("a member stays in a closed epoch until every block of it has its certificate, not only the last", async () => {
  for (const certified of [50, 52]) assert.equal((await wantedEpoch(between(certified)))?.epoch, 4);
  assert.equal((await wantedEpoch(between(53)))?.epoch, 5);
});
