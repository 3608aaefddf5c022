import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { memoryLaneStore } from "#client/session/lane-store.ts";
import { streamContent } from "#client/session/stream.ts";
import { readLog } from "#node/delivery/lane-records.ts";
import { EMPTY_LOG, extendLog, verifyAckSignature } from "#protocol/digests/ack.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { CREDIT_WINDOW_BYTES } from "#protocol/params/limits.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { network } from "./support/raw-client.ts";
import { bytesOf, createWorld, type World } from "./support/world.ts";

let world: World;
before(async () => {
  world = await createWorld({ creditTimeoutMs: 2_000, submission: { tickMs: 20, batchMs: 20, retryMs: 20 } });
});
after(() => world.close());

const SIZES = [1, 65_536, 131_073, 400_000];
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("fetch" as const),
      content: fc.nat(SIZES.length - 1),
      lane: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("leave" as const),
      content: fc.nat(SIZES.length - 1),
      lane: fc.nat(1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), lane: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "turn" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "commit" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

let nextCustomer = 1;

test("over random interleavings: what the node is paid is what the client signed, and never more than was delivered", async () => {
  const hashes = await Promise.all(SIZES.map((size, i) => world.put(bytesOf(size, i))));
  let servedBefore = 0n;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 6 }),
      async (rounds) => {
        const customer = world.customer(nextCustomer++, { balance: 10n ** 15n, limit: 10n ** 15n });
        const request = {
          account: fromHex(customer.account),
          key: customer.key.publicKey,
          service: 0,
          commodity: 0,
        };
        const balance = world.chain.account(request.account)?.balance ?? 0n;
        const served = { from: servedBefore + world.delivery.status().bytesServed };
        const stores = [memoryLaneStore(), memoryLaneStore()];
        const firstEpoch = world.chain.epoch;
        for (const round of rounds) {
          const restart = round.some((s) => s.kind === "restart");
          const turn = round.some((s) => s.kind === "turn");
          await Promise.all(
            round.map(async (s, at) => {
              if (s.kind === "forget") stores[s.lane] = memoryLaneStore();
              if (s.kind !== "fetch" && s.kind !== "leave") return;
              // One lane is used by one session at a time: that is the client's side of the agreement.
              if (round.findIndex((o) => "lane" in o && o.lane === s.lane) !== at) return;
              const store = stores[s.lane];
              const session = await world.open(customer, { lane: s.lane, ...(store && { store }) });
              const hash = hashes[s.content] as Hex;
              if (s.kind === "fetch") await fetchContent(session, { hash });
              else for await (const _ of streamContent(session, { hash })) break;
            }),
          );
          if (turn && world.chain.epoch === firstEpoch) world.chain.turn();
          if (round.some((s) => s.kind === "commit")) world.chain.commit();
          if (restart) {
            servedBefore += world.delivery.status().bytesServed;
            await world.restart();
          }
        }
        const acks = [0, 1].flatMap((lane) => world.delivery.newest({ ...request, lane }));
        for (let i = 0; i < 200; i++) {
          await world.delivery.flush();
          world.chain.commit();
          if (acks.every(({ ack }) => world.chain.lanePaid(laneId(laneKeyOf(ack))) === ack.units)) break;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const signed = acks.reduce((sum, { ack }) => sum + ack.units, 0n);
        const paid = acks.reduce((sum, { ack }) => sum + world.chain.lanePaid(laneId(laneKeyOf(ack))), 0n);
        const delivered = servedBefore + world.delivery.status().bytesServed - served.from;
        assert.equal(paid, signed);
        assert.equal(
          balance - (world.chain.account(request.account)?.balance ?? 0n),
          paid,
          "1 micro-USD per byte",
        );
        assert.ok(signed <= delivered, `${signed} signed, ${delivered} delivered`);
        assert.ok(delivered - signed <= CREDIT_WINDOW_BYTES, "the debt is within one window");
        for (const held of acks) {
          assert.ok(verifyAckSignature(network.networkId, held));
          const entries = await readLog(world.store, held.ack.epoch, laneId(laneKeyOf(held.ack)));
          assert.equal(entries.length, held.ack.count);
          assert.deepEqual(
            entries.reduce((log, e) => extendLog(log, e), EMPTY_LOG),
            held.ack.log,
          );
        }
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
});
