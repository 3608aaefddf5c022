import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { verifyEvidence } from "#cli/actions/evidence.ts";
import { createSession } from "#client/actions/create-session.ts";
import { getAckConflicts } from "#client/actions/get-ack-conflicts.ts";
import { Conflicts } from "#node/delivery/conflicts.ts";
import { signAck } from "#protocol/digests/ack.ts";
import { isAckConflict } from "#protocol/digests/ack-conflict.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { toHex } from "#protocol/types/hex.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { entry, network, RawClient } from "./support/raw-client.ts";
import { bytesOf, createWorld, filled, type World } from "./support/world.ts";

let world: World;
before(async () => {
  world = await createWorld({ submission: { tickMs: 60_000 } });
});
after(() => world.close());

const { networkId } = network;

/** A lane in which two acknowledgements with one count were posted. */
async function conflict(id: number): Promise<AckConflict> {
  const raw = await RawClient.open(world, world.customer(id));
  const transfer = await raw.begin(await world.put(bytesOf(100_000, id)));
  await raw.readUntilPause(transfer);
  const [one, other] = [[entry(transfer, 0, 1_000)], [entry(transfer, 0, 2_000)]];
  const [first, second] = [raw.sign(one), raw.sign(other)];
  assert.equal((await raw.post(first, one)).status, 200);
  assert.equal((await raw.post(second, other)).code, "ERR_ACK_CONFLICT");
  assert.equal((await raw.post(raw.sign([entry(transfer, 0, 3_000)]), other)).code, "ERR_ACK_CONFLICT");
  return { first, second };
}

test("two acknowledgements with one count are kept, survive a restart, and are shown to whoever asks", async () => {
  const expected = await conflict(1);
  assert.deepEqual(await getAckConflicts(world.client), [expected]);
  await world.restart();
  assert.deepEqual(await getAckConflicts(world.client), [expected]);
  assert.ok(isAckConflict(networkId, expected));
});

test("evidence is proof on its own network, of one lane and one count, with two signatures of its key", async () => {
  const { first, second } = await conflict(2);
  const { key } = world.customer(2);
  const changed = (change: Partial<typeof second.ack>, by = key) =>
    signAck(networkId, { ...second.ack, ...change }, by);
  const proofs: [AckConflict, boolean][] = [
    [{ first, second }, true],
    [{ first: second, second: first }, true],
    [{ first, second: changed({ units: first.ack.units }) }, true],
    [{ first, second: first }, false],
    [{ first, second: changed({ count: 2 }) }, false],
    [{ first, second: changed({ lane: 1 }) }, false],
    [{ first, second: changed({ epoch: 4 }) }, false],
    [{ first, second: changed({}, createSession()) }, false],
  ];
  for (const [i, [proof, valid]] of proofs.entries())
    assert.equal(isAckConflict(networkId, proof), valid, `${i}`);
  assert.equal(isAckConflict(filled(32, 1), { first, second }), false);
});

test("`flk evidence verify` needs a file and nothing else, and says which one proves nothing", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "flk-evidence-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const { first, second } = await conflict(3);
  const path = join(dir, "evidence.json");
  const written = (conflicts: AckConflict[]) =>
    writeFile(
      path,
      JSON.stringify({
        network: toHex(networkId),
        conflicts: conflicts.map((c) => toHex(AckConflict.serialize(c))),
      }),
    );
  await written([{ first, second }]);
  const shown = t.mock.method(process.stdout, "write", () => true);
  await verifyEvidence(path, { json: true });
  shown.mock.restore();
  await written([
    { first, second },
    { first, second: first },
  ]);
  await assert.rejects(verifyEvidence(path, {}), (error) => isFlkError(error, "ERR_EVIDENCE"));
  for (const bad of [
    "{}",
    "[",
    '{"network":"0x00"}',
    `{"network":"${toHex(networkId)}","conflicts":["0x00",7]}`,
  ]) {
    await writeFile(path, bad);
    await assert.rejects(verifyEvidence(path, {}), (error) => isFlkError(error, "ERR_INPUT_FILE"));
  }
});

test("what is kept is bounded: one pair a lane, and the oldest epoch's gives way", async () => {
  const { first, second } = await conflict(4);
  const at = (epoch: number): AckConflict => ({
    first: { ...first, ack: { ...first.ack, epoch } },
    second: { ...second, ack: { ...second.ack, epoch } },
  });
  const store = new MemoryStore();
  const kept = new Conflicts(store, 2);
  for (const epoch of [7, 7, 300, 8]) await kept.keep(at(epoch));
  const epochs = (await kept.list()).map((one) => one.first.ack.epoch);
  assert.deepEqual(epochs, [8, 300]);
  const again = new Conflicts(store, 2);
  await again.load();
  await again.keep(at(9));
  assert.deepEqual(
    (await again.list()).map((one) => one.first.ack.epoch),
    [9, 300],
  );
});
