import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { makeClientKeys, ownerAddress } from "#cli/actions/keys.ts";
import { configureHome } from "#cli/config/deployment.ts";
import { type Home, resolveHome } from "#cli/config/home.ts";
import { nextKey } from "#node/keys/next-key.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { FakeChain } from "#test/node/delivery/support/fake-chain.ts";
import { startRpc } from "#test/node/support/rpc.ts";
import { CONTRACTS, type Context, fakeL2, flk, PASSWORD, temporaryFolder } from "./support.ts";

const CHAIN_ID = 31_337;

/** A client's home, and the node that it asks: every transaction commits. */
async function clientOfNode(t: Context): Promise<{ home: Home; chain: FakeChain; account: Uint8Array }> {
  const chain = new FakeChain();
  const rpc = await startRpc({ chain, pool: chain });
  const blocks = setInterval(() => chain.commit(), 20);
  const l2 = await fakeL2(CHAIN_ID);
  t.after(async () => {
    clearInterval(blocks);
    await Promise.all([rpc.stop(), l2.close()]);
  });
  const home = resolveHome(await temporaryFolder(t));
  const settings = { rpcUrls: [l2.url], publicHost: "127.0.0.1", listenHost: "127.0.0.1", portOffset: 0 };
  const deployment = { chainId: CHAIN_ID, deployBlock: 0, contracts: CONTRACTS };
  await configureHome(home, deployment, { ...settings, nodeRpcUrl: rpc.url });
  await makeClientKeys(home, PASSWORD, true);
  const account = fromHex(await ownerAddress(home), 20);
  chain.addAccount(account, 1_000_000n);
  return { home, chain, account };
}

interface Rotated {
  key: string;
  replaces: string;
  transaction: string | null;
  limit: string;
  expiryEpoch: number;
}

async function rotate(home: Home): Promise<Rotated & { stderr: string }> {
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  const { stdout, stderr } = await flk(["session", "rotate", "--light", "--limit", "0.5", "--json"], env);
  return { ...(JSON.parse(stdout) as Rotated), stderr };
}

async function shown(home: Home): Promise<string> {
  const { stdout } = await flk(["keys", "show", "--json"], { FLK_HOME: home.root });
  return (JSON.parse(stdout) as { sessionKey: string }).sessionKey;
}

const sessionFiles = async (home: Home): Promise<string[]> =>
  (await readdir(home.keystore)).filter((name) => name.startsWith("session")).sort();

test("a session key that served is followed by another, and no interruption makes a third", async (t) => {
  const { home, chain, account } = await clientOfNode(t);
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  const first = await shown(home);
  chain.addSession(account, fromHex(first), 5n);
  const again = await flk(["session", "authorize"], env);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error ERR_SESSION_EXISTS: .*flk session rotate makes a new key$/m);

  const second = await rotate(home);
  assert.equal(second.stderr, "");
  assert.notEqual(second.key, first);
  assert.equal(second.replaces, first);
  assert.match(second.transaction ?? "", /^0x[0-9a-f]{64}$/);
  assert.equal(await shown(home), second.key);

  // the chain had the next key, and the process ended before it was put in place
  const next = await nextKey("session", { dir: home.keystore, password: PASSWORD, kdf: "light" });
  chain.addSession(account, next.publicKey, 7n);
  const third = await rotate(home);
  assert.deepEqual(
    [third.key, third.replaces, third.transaction, third.limit],
    [toHex(next.publicKey), second.key, null, "7"],
  );
  assert.equal(
    third.stderr,
    `${third.key} was authorised before, and keeps what it was given: 0.000007 USD per epoch until the end of epoch 1000, not 0.5 USD until the end of epoch 32\n`,
  );
  assert.equal(await shown(home), third.key);
  assert.deepEqual(await sessionFiles(home), ["session-old-1.json", "session-old-2.json", "session.json"]);
});

test("a rotation that goes on once its key has expired or was revoked makes another", async (t) => {
  const { home, chain, account } = await clientOfNode(t);
  for (const dead of ["expired", "revoked"]) {
    const present = await shown(home);
    const next = await nextKey("session", { dir: home.keystore, password: PASSWORD, kdf: "light" });
    const session = chain.addSession(account, next.publicKey, 7n);
    if (dead === "revoked") session.revoked = true;
    else session.expiryEpoch = chain.epoch - 1;
    const made = await rotate(home);
    assert.equal(made.stderr, "");
    assert.notEqual(made.key, toHex(next.publicKey), dead);
    assert.deepEqual([made.replaces, made.limit, made.expiryEpoch], [present, "500000", 32]);
    assert.match(made.transaction ?? "", /^0x[0-9a-f]{64}$/);
    assert.equal(await shown(home), made.key);
  }
  const old = [1, 2, 3, 4].map((number) => `session-old-${number}.json`);
  assert.deepEqual(await sessionFiles(home), [...old, "session.json"]);
});

test("people are told which key the new one replaces", async (t) => {
  const { home } = await clientOfNode(t);
  const first = await shown(home);
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  const { stdout } = await flk(["session", "rotate", "--light"], env);
  const second = await shown(home);
  const allowance = "may spend 1 USD per epoch until the end of epoch 32";
  assert.equal(stdout, `session key ${second}\nreplaces    ${first}\n${allowance}\n`);
});
