import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { privateKeyToAccount } from "viem/accounts";
import {
  authorizeSession,
  createFlkClient,
  createSession,
  type DelegateParameters,
  delegate,
  estimateCost,
  getAccount,
  getBalance,
  getEpoch,
  getNode,
  getNodes,
  getPrices,
  getReceipt,
  getSession,
  localStorageLaneStore,
  revokeSession,
  transfer,
  waitForReceipt,
  withdraw,
} from "#client/index.ts";
import { Status } from "#client/queries/generated.ts";
import { createIndexerClient } from "#client/queries/indexer-client.ts";
import { originHash } from "#protocol/digests/ack.ts";
import { parsePayload, verifyAccountSignature } from "#protocol/digests/transactions.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { SignedDelegation } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { SignedTransaction } from "#protocol/types/transactions.ts";
import { network } from "#test/node/delivery/support/raw-client.ts";
import {
  CHAIN_ID,
  createWorld,
  filled,
  NODE_ID,
  SETTLEMENT,
  type World,
} from "#test/node/delivery/support/world.ts";

let world: World;
before(async () => {
  world = await createWorld({ submission: { tickMs: 60_000 } });
});
after(() => world.close());

const signer = privateKeyToAccount(toHex(filled(32, 9)));
/** its checksum does not hold */
const MISTYPED = "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

const ORIGINS = [
  "https://example.com",
  "http://127.0.0.1:8080",
  "http://[::1]:8080",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
  "moz-extension://7a4b6f0e-2c1d-4c55-9d0e-3f1f8a2b7c11",
  "tauri://localhost",
  "capacitor://localhost",
  "ionic://localhost:8100",
  "app://bundle",
];
const NO_ORIGINS = [
  "https://example.com/",
  "https://example.com/page",
  "https://example.com:443",
  "https://user@example.com",
  "example.com",
  "null",
  "",
  "file:///tmp",
  "data:text/html,x",
  "tauri://",
  "tauri://localhost/",
  "tauri://localhost/page",
  "tauri://localhost?q",
  "tauri://localhost#f",
  "tauri://user@localhost",
  "tauri://local host",
  "tauri://localhost ",
  "tauri://localhost:",
  "tauri://localhost:99999",
  "tauri:localhost",
];

test("reads come back as amounts, and as nothing for what the chain does not know", async () => {
  const { account, key } = world.customer(1, { balance: 7_000n, limit: 5n });
  const { client } = world;
  assert.deepEqual(await getBalance(client, { address: account }), {
    balance: 7_000n,
    reserved: 0n,
    available: 7_000n,
  });
  assert.equal((await getAccount(client, { address: account }))?.nonce, 0);
  assert.equal(await getAccount(client, { address: toHex(filled(20, 0xee)) }), undefined);
  assert.equal((await getSession(client, { account, key: key.publicKey }))?.limit, 5n);
  assert.equal(await getSession(client, { account, key: filled(32, 0) }), undefined);
  assert.equal(await getEpoch(client), 3);
  assert.equal((await getNode(client, { nodeId: NODE_ID })).nodeId, NODE_ID);
  await assert.rejects(getNode(client, { nodeId: 99 }), (e) => isFlkError(e, "ERR_NODE_UNKNOWN"));
  assert.equal((await getNodes(client)).length, 1);
  assert.deepEqual((await getPrices(client))[0]?.prices, [1_000_000_000n, 5n]);
  assert.equal(await estimateCost(client, { units: 1n, commodity: 1 }), 1n, "rounded up");
  await assert.rejects(estimateCost(client, { units: 1n, service: 9 }), (e) =>
    isFlkError(e, "ERR_SERVICE_UNKNOWN"),
  );
});

test("account transactions are signed as typed data that the chain accepts", async (t) => {
  world.chain.addAccount(fromHex(signer.address), 1n);
  const { client } = world;
  const key = createSession().publicKey;
  const to: Hex = toHex(filled(20, 1));
  await authorizeSession(client, { signer, key, expiryEpoch: 9, limit: 10n });
  await revokeSession(client, { signer, key, nonce: 1 });
  await transfer(client, { signer, to, amount: 2n, nonce: 2 });
  const id = await withdraw(client, { signer, amount: 3n, nonce: 3 });
  const nonces = world.chain.waiting.map((bytes) => {
    const { kind, payload, signature } = decode(SignedTransaction, bytes);
    const tx = parsePayload(kind, payload);
    if (!("account" in tx.body)) throw new Error("not of an account");
    assert.ok(verifyAccountSignature(network, tx as Parameters<typeof verifyAccountSignature>[1], signature));
    return tx.body.nonce;
  });
  assert.deepEqual(nonces, [0, 1, 2, 3]);
  assert.equal(await getReceipt(client, { id }), undefined);
  await assert.rejects(waitForReceipt(client, { id, timeoutMs: 50 }), (e) =>
    isFlkError(e, "ERR_RECEIPT_TIMEOUT"),
  );
  const waiting = waitForReceipt(client, { id });
  const tomorrow = Date.now() + 86_400_000;
  t.mock.method(Date, "now", () => tomorrow);
  await new Promise((resolve) => setTimeout(resolve, 50));
  world.chain.commit();
  assert.equal((await waiting).status, "OK", "a clock that is set forward ends nothing");
});

test("an account that the chain has not seen is told to top up, a silent node has its own code", async () => {
  const stranger = privateKeyToAccount(toHex(filled(32, 10)));
  const attempt = withdraw(world.client, { signer: stranger, amount: 1n });
  await assert.rejects(attempt, (e) => isFlkError(e, "ERR_SIGNER"));
  const nowhere = createFlkClient({
    rpcUrl: "http://127.0.0.1:1",
    chainId: CHAIN_ID,
    settlement: SETTLEMENT,
  });
  await assert.rejects(getEpoch(nowhere), (e) => isFlkError(e, "ERR_RPC_UNREACHABLE"));
});

test("lanes in localStorage survive a new page", async () => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (k: string) => items.get(k) ?? null,
    setItem: (k: string, v: string) => void items.set(k, v),
  };
  const lane = { epoch: 1, signed: "0x01" as Hex, deliveries: [] };
  await localStorageLaneStore(storage).save("a", lane);
  assert.deepEqual(await localStorageLaneStore(storage).load("a"), lane);
  assert.equal(await localStorageLaneStore(storage).load("b"), undefined);
});

test("an amount that 64 bits do not hold is neither signed nor sent", async () => {
  const { client } = world;
  const { account, key } = world.customer(6, { balance: 7_000n, limit: 5n });
  const subkey = filled(32, 7);
  for (const limit of [-1n, 2n ** 64n]) {
    assert.throws(
      () => delegate(client, { account, session: key, subkey, limit, epochs: { from: 3, to: 4 } }),
      (e) => isFlkError(e, "ERR_AMOUNT"),
    );
    await assert.rejects(withdraw(client, { signer, amount: limit, nonce: 0 }), (e) =>
      isFlkError(e, "ERR_AMOUNT"),
    );
  }
});

test("parameters that cannot be meant have a code before anything is signed or sent", async () => {
  const { client } = world;
  const { account, key } = world.customer(7, { balance: 7_000n, limit: 5n });
  const good = { account, session: key, subkey: filled(32, 7), limit: 5n, epochs: { from: 3, to: 4 } };
  const delegated = (changed: Partial<DelegateParameters>) => () => delegate(client, { ...good, ...changed });
  assert.match(delegated({ origin: "https://example.com" })(), /^0x/);
  const refusals: [attempt: () => unknown, code: string][] = [
    [delegated({ subkey: filled(3, 7) }), "ERR_REQUEST"],
    [delegated({ epochs: { from: 4, to: 3 } }), "ERR_REQUEST"],
    [delegated({ epochs: { from: 3, to: 3.5 } }), "ERR_AMOUNT"],
    [() => createFlkClient({ rpcUrl: "http://x", chainId: 1.5, settlement: SETTLEMENT }), "ERR_REQUEST"],
    [() => createFlkClient({ rpcUrl: "http://x", chainId: 1, settlement: "0x12" }), "ERR_HEX"],
    [() => createFlkClient({ rpcUrl: "http://x", chainId: 1, settlement: MISTYPED }), "ERR_HEX"],
  ];
  for (const [attempt, code] of refusals) assert.throws(attempt, (e) => isFlkError(e, code));
  const authorisation = { signer, key: filled(32, 1), expiryEpoch: 9, limit: 1n, nonce: 0 };
  const sent = world.chain.waiting.length;
  const unsent: [attempt: () => Promise<unknown>, code: string][] = [
    [() => authorizeSession(client, { ...authorisation, expiryEpoch: 1.5 }), "ERR_AMOUNT"],
    [() => authorizeSession(client, { ...authorisation, key: filled(31, 1) }), "ERR_REQUEST"],
    [() => revokeSession(client, { signer, key: filled(33, 1), nonce: 0 }), "ERR_REQUEST"],
  ];
  for (const nonce of [1.5, -1, Number.NaN, 2 ** 53]) {
    const given = { signer, to: toHex(filled(20, 1)), amount: 1n, nonce };
    unsent.push([() => transfer(client, given), "ERR_AMOUNT"]);
  }
  for (const [attempt, code] of unsent) await assert.rejects(attempt(), (e) => isFlkError(e, code));
  assert.equal(world.chain.waiting.length, sent);
});

test("a delegation is bound to any origin that a browser sends, and to nothing else", () => {
  const { account, key } = world.customer(8, { balance: 7_000n, limit: 5n });
  const bound = (origin: string) =>
    delegate(world.client, {
      account,
      session: key,
      subkey: filled(32, 7),
      limit: 5n,
      epochs: { from: 3, to: 4 },
      origin,
    });
  for (const origin of ORIGINS) {
    const { delegation } = decode(SignedDelegation, fromHex(bound(origin)));
    assert.deepEqual(delegation.origin, originHash(origin), origin);
  }
  for (const origin of NO_ORIGINS)
    assert.throws(
      () => bound(origin),
      (e) => isFlkError(e, "ERR_REQUEST"),
      origin,
    );
});

test("a node or an indexer that does not answer is named without what may be a key", async () => {
  const rpcUrl = "http://user:hidden1@127.0.0.1:9/hidden2";
  const client = createFlkClient({ rpcUrl, chainId: CHAIN_ID, settlement: SETTLEMENT });
  await assert.rejects(getEpoch(client), (e) => {
    return isFlkError(e, "ERR_RPC_UNREACHABLE") && e.message === "no answer from http://127.0.0.1:9";
  });
  for (const url of [
    rpcUrl,
    "/rpc?key=hidden",
    "hidden",
    "127.0.0.1:9/hidden",
    "http://127.0.0.1:9/hidden",
  ]) {
    const nowhere = createFlkClient({ rpcUrl: url, chainId: CHAIN_ID, settlement: SETTLEMENT });
    await assert.rejects(getEpoch(nowhere), (e) => {
      assert.ok(isFlkError(e, "ERR_RPC_UNREACHABLE"));
      assert.doesNotMatch(inspect(e, { depth: null }).replaceAll(/^ +at .*$/gm, ""), /hidden/, url);
      return true;
    });
    await assert.rejects(createIndexerClient({ url }).query(Status), (e) => {
      assert.ok(isFlkError(e, "ERR_INDEXER_UNREACHABLE"));
      assert.doesNotMatch(inspect(e, { depth: null }).replaceAll(/^ +at .*$/gm, ""), /hidden/, url);
      return true;
    });
  }
});

test("a browser without URL.parse gets the same codes", async (t) => {
  const { parse } = URL;
  t.after(() => Object.assign(URL, { parse }));
  Object.assign(URL, { parse: undefined });
  const nowhere = createFlkClient({
    rpcUrl: "http://127.0.0.1:9",
    chainId: CHAIN_ID,
    settlement: SETTLEMENT,
  });
  await assert.rejects(getEpoch(nowhere), (e) => isFlkError(e, "ERR_RPC_UNREACHABLE"));
  const { account, key } = world.customer(9, { balance: 7_000n, limit: 5n });
  const given = { account, session: key, subkey: filled(32, 7), limit: 5n, epochs: { from: 3, to: 4 } };
  assert.match(delegate(world.client, { ...given, origin: "https://example.com" }), /^0x/);
});
