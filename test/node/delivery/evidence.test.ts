import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { areAuthorised, verifyEvidence } from "#cli/actions/evidence.ts";
import { createSession } from "#client/actions/create-session.ts";
import { getAckConflicts } from "#client/actions/get-ack-conflicts.ts";
import { Conflicts } from "#node/delivery/conflicts.ts";
import type { ConflictQuery } from "#node/interface/evidence.ts";
import type { Method, RpcContext } from "#node/rpc/method.ts";
import { STATE_METHODS } from "#node/rpc/methods-state.ts";
import { parseParams } from "#node/rpc/params.ts";
import { signAck, signDelegation } from "#protocol/digests/ack.ts";
import { conflictSession, isAckConflict } from "#protocol/digests/ack-conflict.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { AckConflict, type Delegation, SignedDelegation } from "#protocol/types/ack.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
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
  return signTwo(raw, id);
}

async function signTwo(raw: RawClient, id: number): Promise<AckConflict> {
  const transfer = await raw.begin(await world.put(bytesOf(100_000, id)));
  await raw.readUntilPause(transfer);
  const [one, other] = [[entry(transfer, 0, 1_000)], [entry(transfer, 0, 2_000)]];
  const [first, second] = [raw.sign(one), raw.sign(other)];
  assert.equal((await raw.post(first, one)).status, 200);
  assert.equal((await raw.post(second, other)).code, "ERR_ACK_CONFLICT");
  assert.equal((await raw.post(raw.sign([entry(transfer, 0, 3_000)]), other)).code, "ERR_ACK_CONFLICT");
  return { first, second, delegations: [] };
}

test("two acknowledgements with one count are kept, survive a restart, and are shown to whoever asks", async () => {
  const expected = await conflict(1);
  assert.deepEqual(await getAckConflicts(world.client), [expected]);
  await world.restart();
  assert.deepEqual(await getAckConflicts(world.client), [expected]);
  assert.ok(isAckConflict(networkId, expected));
});

test("evidence is proof on its own network, of one lane and one count, with two signatures of its key", async () => {
  const { first, second, delegations } = await conflict(2);
  const { key } = world.customer(2);
  const changed = (change: Partial<typeof second.ack>, by = key) =>
    signAck(networkId, { ...second.ack, ...change }, by);
  const proofs: [Omit<AckConflict, "delegations">, boolean][] = [
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
    assert.equal(isAckConflict(networkId, { ...proof, delegations }), valid, `${i}`);
  assert.equal(isAckConflict(filled(32, 1), { first, second, delegations }), false);
});

test("`flk evidence verify` needs a file and nothing else, and says which one proves nothing", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "flk-evidence-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const { first, second, delegations } = await conflict(3);
  const path = join(dir, "evidence.json");
  const written = (conflicts: AckConflict[]) =>
    writeFile(
      path,
      JSON.stringify({
        network: toHex(networkId),
        conflicts: conflicts.map((c) => toHex(AckConflict.serialize(c))),
      }),
    );
  await written([{ first, second, delegations }]);
  const shown = await printed(t, () => verifyEvidence(path, { json: true, network: toHex(networkId) }));
  assert.match(shown, /"accounts":"claimed, not checked"/);
  const rows = await printed(t, () => verifyEvidence(path, {}));
  assert.match(rows, /\tnot checked\t/);
  assert.ok(rows.includes(toHex(networkId)));
  const elsewhere = verifyEvidence(path, { network: toHex(filled(32, 1)) });
  await assert.rejects(elsewhere, (error) => isFlkError(error, "ERR_EVIDENCE"));
  await assert.rejects(verifyEvidence(path, { network: "0x01" }), (error) => isFlkError(error, "ERR_USAGE"));
  await written([
    { first, second, delegations },
    { first, second: first, delegations },
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

/** What `run` prints to stdout. */
async function printed(t: TestContext, run: () => Promise<void>): Promise<string> {
  let text = "";
  const write = t.mock.method(process.stdout, "write", (chunk: unknown) => {
    text += String(chunk);
    return true;
  });
  try {
    await run();
  } finally {
    write.mock.restore();
  }
  return text;
}

test("evidence of a delegated key carries the delegation, and proves nothing with another one", async () => {
  const parent = world.customer(5);
  const key = createSession();
  const account = fromHex(parent.account, 20);
  const { epoch } = world.chain;
  const base = { account, session: parent.key.publicKey, subkey: key.publicKey, limit: 1_000_000n };
  const term = { from: epoch, to: epoch, origin: new Uint8Array(32) };
  const delegation = signDelegation(networkId, { ...base, ...term }, parent.key);
  const customer = { ...parent, key };
  const given = toHex(SignedDelegation.serialize(delegation));
  const raw = await RawClient.open(world, customer, { delegation: given });
  const { first, second } = await signTwo(raw, 5);
  const [kept] = await getAckConflicts(world.client, { account: parent.account });
  assert.deepEqual(kept, { first, second, delegations: [delegation] });
  assert.ok(isAckConflict(networkId, kept));
  assert.deepEqual(conflictSession(kept), parent.key.publicKey);
  const changed = (change: Partial<Delegation>, by = parent.key) =>
    signDelegation(networkId, { ...delegation.delegation, ...change }, by);
  const wrong = [
    changed({ subkey: parent.key.publicKey }),
    changed({ account: filled(20, 1) }),
    changed({ from: epoch + 1, to: epoch + 1 }),
    changed({}, createSession()),
  ];
  for (const other of wrong)
    assert.equal(isAckConflict(networkId, { first, second, delegations: [other] }), false);
});

test("`flk evidence list` says which accounts did not authorise the key that signed in their name", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "flk-evidence-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const honest = await conflict(6);
  const stranger = createSession();
  const claim = { ...honest.first.ack, account: filled(20, 0xab), session: stranger.publicKey };
  const forged: AckConflict = {
    first: signAck(networkId, claim, stranger),
    second: signAck(networkId, { ...claim, units: 1n }, stranger),
    delegations: [],
  };
  assert.ok(isAckConflict(networkId, forged), "it proves something of the key");
  const authorised = await areAuthorised(world.client, [forged, honest, forged]);
  assert.deepEqual(authorised, [false, true, false]);
});

/** `count` pieces of evidence, in lanes of their own, of an account that has them in `epoch`. */
function pieces(template: AckConflict, account: number, epoch: number, count: number): AckConflict[] {
  return Array.from({ length: count }, (_, lane) => {
    const change = { account: filled(20, account), epoch, lane };
    const [first, second] = [template.first, template.second].map(({ ack, signature }) => ({
      ack: { ...ack, ...change },
      signature,
    }));
    return { first, second, delegations: [] } as AckConflict;
  });
}

const shares = (list: AckConflict[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { first } of list) {
    const name = `${first.ack.account[0]} in ${first.ack.epoch}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test("what is kept is bounded: one account pushes out only its own, the oldest epoch's first", async () => {
  const template = await conflict(4);
  const store = new MemoryStore();
  const kept = new Conflicts(store, { total: 6, perAccount: 3 });
  for (const piece of pieces(template, 1, 5, 2)) await kept.keep(piece);
  for (const piece of pieces(template, 2, 300, 2)) await kept.keep(piece);
  for (const piece of pieces(template, 2, 300, 2)) await kept.keep(piece);
  for (const piece of pieces(template, 2, 301, 100)) await kept.keep(piece);
  for (const piece of pieces(template, 2, 4, 1)) await kept.keep(piece);
  assert.deepEqual(shares(await kept.list()), { "1 in 5": 2, "2 in 301": 3 });
  const again = new Conflicts(store, { total: 6, perAccount: 3 });
  await again.load();
  for (const piece of pieces(template, 3, 302, 3)) await again.keep(piece);
  assert.deepEqual(shares(await again.list()), { "1 in 5": 2, "2 in 301": 2, "3 in 302": 2 });
});

test("evidence whose write failed is kept when it comes again", async () => {
  const [piece] = pieces(await conflict(7), 1, 5, 1) as [AckConflict];
  const store = new MemoryStore();
  let full = true;
  const write = store.write.bind(store);
  store.write = (writes) => (full ? Promise.reject(new Error("full")) : write(writes));
  const kept = new Conflicts(store);
  await assert.rejects(kept.keep(piece), /full/);
  full = false;
  await kept.keep(piece);
  assert.deepEqual(await kept.list(), [piece]);
});

test("a query shows one account's, from an epoch and a lane on, in pages", async () => {
  const template = await conflict(8);
  const store = new MemoryStore();
  const kept = new Conflicts(store);
  for (const [account, epoch] of [
    [1, 5],
    [2, 5],
    [1, 6],
  ] as const)
    for (const piece of pieces(template, account, epoch, 3)) await kept.keep(piece);
  const all = await kept.list();
  assert.equal(all.length, 9);
  assert.equal((await kept.list({ from: 6 })).length, 3);
  assert.deepEqual(shares(await kept.list({ account: filled(20, 2) })), { "2 in 5": 3 });
  const paged: AckConflict[] = [];
  for (let page = await kept.list({ limit: 4 }); page.length > 0; ) {
    paged.push(...page);
    const { ack } = (page.at(-1) as AckConflict).first;
    page = await kept.list({ from: ack.epoch, after: laneId(laneKeyOf(ack)), limit: 4 });
  }
  assert.deepEqual(paged, all);
});

test("the node shows 100 at once at most, and the SDK reads all pages, of a node without end 1 024", async () => {
  const template = await conflict(9);
  const lanes = Array.from({ length: 8 }, (_, i) => pieces(template, 10 + i, 5, 15)).flat();
  const store = new MemoryStore();
  const kept = new Conflicts(store);
  for (const piece of lanes) await kept.keep(piece);
  const sizes: number[] = [];
  const show = STATE_METHODS.find(({ name }) => name === "flk_get_ack_conflicts") as Method;
  const evidence = { conflicts: (query: ConflictQuery = {}) => kept.list(query) };
  const request = async (_: string, given: readonly unknown[]): Promise<unknown> => {
    const answer = await show.call({ evidence } as unknown as RpcContext, parseParams(show.params, given));
    sizes.push((answer as unknown[]).length);
    return answer;
  };
  assert.equal((await getAckConflicts({ ...world.client, request })).length, 120);
  assert.deepEqual(sizes, [100, 20, 0]);
  const ssz = toHex(AckConflict.serialize(template));
  const endless = { ...world.client, request: () => Promise.resolve(Array(100).fill({ ssz })) };
  assert.equal((await getAckConflicts(endless)).length, 1_024);
});
