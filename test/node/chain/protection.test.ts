import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { recover } from "#node/chain/narwhal/recovery.ts";
import {
  formatProtection,
  type ProtectionFile,
  parseProtection,
} from "#node/chain/protection/file-format.ts";
import { bindProtection, type ProtectionIdentity } from "#node/chain/protection/identity.ts";
import { exportProtection, importProtection } from "#node/chain/protection/interchange.ts";
import { floorWrite, readFloor, signOnce } from "#node/chain/protection/records.ts";
import { KIND, voteMessage } from "#protocol/digests/consensus.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { Vote } from "#protocol/types/consensus.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { mockSigner, mockVerifier } from "./support/mock-crypto.ts";
import { TestNet } from "./support/net.ts";
import { SignedLog } from "./support/signed-log.ts";

const coded = (code: string) => (error: unknown) => isFlkError(error, code);
const VICTIM = 2;

async function narwhalNet(ms = 4_000): Promise<TestNet> {
  const net = new TestNet({ narwhal: true });
  await net.startAll();
  await net.clock.advance(ms);
  return net;
}

function identityOf(net: TestNet): ProtectionIdentity {
  const { consensus } = net.world.node(VICTIM);
  return { networkId: net.world.network.networkId, consensusKeys: [consensus.publicKey] };
}

/** A disk with the protection folder alone. */
async function protectionOf(disk: MemoryStore): Promise<MemoryStore> {
  const out = new MemoryStore();
  for await (const [key, value] of disk.iterate("protection"))
    await out.write([{ namespace: "protection", key, value }]);
  return out;
}

async function entries(store: MemoryStore): Promise<string[]> {
  const out: string[] = [];
  for await (const [key, value] of store.iterate("protection"))
    out.push(`${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`);
  return out;
}

/** An export of node 2 after some seconds, a later one, and what it is of. */
async function exports() {
  const net = await narwhalNet();
  const early = net.node(VICTIM).store.inner.clone();
  await net.clock.advance(2_000);
  const late = await net.crash(VICTIM);
  await net.stop();
  const identity = identityOf(net);
  return { identity, early, late, file: await exportProtection(late), old: await exportProtection(early) };
}

test("an export that is imported elsewhere gives the same records, and adds nothing the second time", async () => {
  const { identity, late, file } = await exports();
  assert.ok(file.records.length > 8);
  assert.deepEqual(
    new Set(file.records.map(({ kind }) => kind)),
    new Set([KIND.header, KIND.vote, KIND.attestation]),
  );
  const read = parseProtection(formatProtection(file));
  assert.deepEqual(read, file);
  const store = new MemoryStore();
  const done = await importProtection(store, read, identity, mockVerifier);
  assert.equal(done.added, file.records.length);
  const before = await recover(late, 0, 50);
  const after = await recover(store, 0, 50);
  assert.deepEqual(after.proposal, before.proposal);
  assert.deepEqual(after.votes, before.votes);
  assert.equal((await importProtection(store, read, identity, mockVerifier)).added, 0);
});

test("an import merges: an older export lowers nothing, and the floor only rises", async () => {
  const { identity, late, old, file } = await exports();
  const before = await recover(late, 0, 50);
  await importProtection(late, old, identity, mockVerifier);
  const after = await recover(late, 0, 50);
  assert.deepEqual(after.proposal, before.proposal);
  await importProtection(late, { ...file, records: [], floorEpoch: 7 }, identity, mockVerifier);
  assert.equal(await readFloor(late), 7);
  await importProtection(late, { ...old, floorEpoch: 0 }, identity, mockVerifier);
  assert.equal(await readFloor(late), 7);
});

test("an import of another network, another key or other signatures writes nothing", async () => {
  const { identity, file } = await exports();
  const other = {
    ...identity,
    consensusKeys: [seedOf("a").slice(0, 32), seedOf("b")].map((s) => new Uint8Array([...s, ...s.slice(16)])),
  };
  const store = new MemoryStore();
  const refuse = (changed: Partial<ProtectionFile>, code: string, as = identity) =>
    assert.rejects(importProtection(store, { ...file, ...changed }, as, mockVerifier), coded(code));
  const [first] = file.records;
  assert.ok(first);
  await refuse({ networkId: seedOf("network") }, "ERR_WRONG_NETWORK");
  await refuse({}, "ERR_PROTECTION_FOREIGN", other);
  await refuse({ records: [{ ...first, slot: first.slot + 1n }] }, "ERR_PROTECTION_FILE");
  await refuse({ records: [{ ...first, epoch: 1 }] }, "ERR_PROTECTION_FILE");
  await refuse({ records: [{ ...first, kind: KIND.settlement }] }, "ERR_PROTECTION_FILE");
  await refuse({ floorEpoch: 1 }, "ERR_PROTECTION_FILE");
  const forged = first.signed.with(-1, (first.signed.at(-1) ?? 0) ^ 1);
  await refuse({ records: [{ ...first, signed: forged }] }, "ERR_PROTECTION_FILE");
  await refuse({ consensusKeys: other.consensusKeys }, "ERR_PROTECTION_FILE", other);
  assert.deepEqual(await entries(store), []);
});

test("an import that contradicts what is recorded is refused as a whole", async () => {
  const { identity, file } = await exports();
  const vote = file.records.find(({ kind }) => kind === KIND.vote) ?? assert.fail();
  const store = new MemoryStore();
  const { signed, ...slot } = vote;
  const signing = await signOnce(store, slot.kind, slot.epoch, slot.slot, seedOf("other"), () => signed);
  await store.write(signing?.writes ?? assert.fail());
  const before = await entries(store);
  await assert.rejects(
    importProtection(store, file, identity, mockVerifier),
    coded("ERR_PROTECTION_CONFLICT"),
  );
  assert.deepEqual(await entries(store), before);
});

test("an import of a file that contradicts itself is refused as a whole; one that repeats itself counts once", async () => {
  const { identity, file } = await exports();
  const at = file.records.findIndex(({ kind }) => kind === KIND.vote);
  const record = file.records[at] ?? assert.fail();
  const vote = { ...decode(Vote, record.signed), digest: seedOf("other") };
  const key = identity.consensusKeys[0] ?? assert.fail();
  vote.signature = mockSigner(key).sign(voteMessage(identity.networkId, vote));
  const other = { ...record, signed: Vote.serialize(vote) };
  const store = new MemoryStore();
  await assert.rejects(
    importProtection(store, { ...file, records: [...file.records, other] }, identity, mockVerifier),
    coded("ERR_PROTECTION_CONFLICT"),
  );
  assert.deepEqual(await entries(store), []);
  const twice = { ...file, records: [...file.records, record] };
  const { added } = await importProtection(store, twice, identity, mockVerifier);
  assert.equal(added, file.records.length);
});

test("a file that is not an export is refused by form, whatever was changed", async () => {
  const { file } = await exports();
  const json = JSON.parse(formatProtection({ ...file, records: file.records.slice(0, 3) })) as Record<
    string,
    unknown
  >;
  for (const text of ["", "{", "[]", "null", "7"])
    assert.throws(() => parseProtection(text), coded("ERR_PROTECTION_FILE"), text);
  for (const name of Object.keys(json)) {
    const { [name]: _, ...rest } = json;
    assert.throws(() => parseProtection(JSON.stringify(rest)), coded("ERR_PROTECTION_FILE"), name);
  }
  assert.throws(() => parseProtection(JSON.stringify({ ...json, note: 1 })), coded("ERR_PROTECTION_FILE"));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(json)), fc.jsonValue(), (name, value) => {
      try {
        const parsed = parseProtection(JSON.stringify({ ...json, [name]: value }));
        assert.deepEqual(parseProtection(formatProtection(parsed)), parsed);
      } catch (error) {
        assert.equal(errorCode(error), "ERR_PROTECTION_FILE");
      }
    }),
  );
});

test("a node whose data is deleted and whose protection remains signs nothing lower and nothing else", async () => {
  for (const ms of [1_300, 4_000, 7_100]) {
    const net = new TestNet({ narwhal: true });
    const log = new SignedLog(net.hub);
    await net.startAll();
    await net.clock.advance(ms);
    const disk = await net.crash(VICTIM);
    const before = log.counts.get(VICTIM) ?? 0;
    await net.clock.advance(700);
    const node = await net.start(VICTIM, await protectionOf(disk));
    await net.epochs(1);
    assert.ok((log.counts.get(VICTIM) ?? 0) > before + 5, "it signs again");
    assert.deepEqual(log.conflicts, []);
    assert.deepEqual(
      log.lower.filter((slot) => slot.includes(`of ${VICTIM} `)),
      [],
    );
    assert.deepEqual(node.fatal, []);
    await net.stop();
  }
});

test("nothing is signed below the floor: the node follows that epoch and takes its seat in the next", async () => {
  const net = new TestNet({ narwhal: true, nodes: 4 });
  const log = new SignedLog(net.hub);
  await net.startAll([1, 3, 4]);
  const store = new MemoryStore();
  await store.write([floorWrite(1)]);
  const node = await net.start(VICTIM, store);
  await net.epochs(1);
  assert.equal(log.counts.get(VICTIM), undefined);
  await net.epochs(2);
  assert.ok((log.counts.get(VICTIM) ?? 0) > 5);
  assert.deepEqual(node.fatal, []);
  await net.stop();
});

test("records of finished epochs give way to the floor", async () => {
  const net = new TestNet({ narwhal: true, nodes: 4, parameters: { epochLengthMs: 4_000n } });
  await net.startAll([1, 2, 3, 4]);
  const sizes: number[] = [];
  for (const epoch of [2, 4, 6]) {
    await net.epochs(epoch);
    await net.clock.advance(2_000);
    const { inner } = net.node(VICTIM).store;
    const epochs = new Set<number>();
    let count = 0;
    for await (const [key] of inner.iterate("protection", { lt: Uint8Array.of(0xf0) })) {
      epochs.add(Number(new DataView(key.buffer, key.byteOffset).getBigUint64(1)));
      count++;
    }
    const now = net.node(VICTIM).chain.head().epoch;
    assert.ok(Math.min(...epochs) >= now - 1, `${[...epochs]} in ${now}`);
    assert.ok((await readFloor(inner)) >= now - 1);
    sizes.push(count);
  }
  assert.ok(Math.max(...sizes) < 3 * Math.min(...sizes), `${sizes}`);
  await net.stop();
});

test("the records must be there when there is data, and be of this network and of a key of ours", async () => {
  const identity = { networkId: seedOf("n"), consensusKeys: [new Uint8Array(48).fill(1)] };
  const rotated = { ...identity, consensusKeys: [new Uint8Array(48).fill(1), new Uint8Array(48).fill(2)] };
  const next = { ...identity, consensusKeys: [new Uint8Array(48).fill(2)] };
  const foreign = { ...identity, consensusKeys: [new Uint8Array(48).fill(3)] };
  const store = new MemoryStore();
  await assert.rejects(bindProtection(store, identity, true), coded("ERR_PROTECTION_MISSING"));
  await bindProtection(store, identity, false);
  await bindProtection(store, rotated, true);
  await bindProtection(store, next, true);
  await assert.rejects(bindProtection(store, foreign, true), coded("ERR_PROTECTION_FOREIGN"));
  const elsewhere = { ...identity, networkId: seedOf("m") };
  await assert.rejects(bindProtection(store, elsewhere, true), coded("ERR_WRONG_NETWORK"));
});
