import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { makeClientKeys, ownerAddress } from "#cli/actions/keys.ts";
import { configureHome } from "#cli/config/deployment.ts";
import { type Home, resolveHome } from "#cli/config/home.ts";
import { nextKey } from "#node/keys/next-key.ts";
import { createRpc } from "#node/rpc/server.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { FakeChain } from "#test/node/delivery/support/fake-chain.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import { CONTRACTS, type Context, fakeL2, flk, PASSWORD, temporaryFolder } from "./support.ts";

const CHAIN_ID = 31_337;

/** A client's home, and the node that it asks: every transaction commits. */
async function clientOfNode(t: Context): Promise<{ home: Home; chain: FakeChain; account: Uint8Array }> {
  const chain = new FakeChain();
  const rpc = createRpc({
    port: 0,
    chain,
    pool: chain,
    notReady: () => undefined,
    version: "0",
    logger: silentLogger,
    metrics: new RecordingMetrics(),
  });
  await rpc.start();
  const blocks = setInterval(() => chain.commit(), 20);
  const l2 = await fakeL2(CHAIN_ID);
  t.after(async () => {
    clearInterval(blocks);
    await Promise.all([rpc.stop(), l2.close()]);
  });
  const home = resolveHome(await temporaryFolder(t));
  const settings = { rpcUrls: [l2.url], publicHost: "127.0.0.1", listenHost: "127.0.0.1", portOffset: 0 };
  const nodeRpcUrl = `http://127.0.0.1:${rpc.address()?.port}`;
  const deployment = { chainId: CHAIN_ID, deployBlock: 0, contracts: CONTRACTS };
  await configureHome(home, deployment, { ...settings, nodeRpcUrl });
  await makeClientKeys(home, PASSWORD, true);
  const account = fromHex(await ownerAddress(home), 20);
  chain.addAccount(account, 1_000_000n);
  return { home, chain, account };
}

test("a session key that served is followed by another, and no interruption makes a third", async (t) => {
  const { home, chain, account } = await clientOfNode(t);
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  const shown = async (): Promise<string> =>
    (JSON.parse((await flk(["keys", "show", "--json"], env)).stdout) as { sessionKey: string }).sessionKey;
  const rotate = async (): Promise<{ key: string; transaction: string | null; limit: string }> => {
    const { stdout, stderr } = await flk(["session", "rotate", "--light", "--limit", "0.5", "--json"], env);
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  };
  const first = await shown();
  chain.addSession(account, fromHex(first), 5n);
  const again = await flk(["session", "authorize"], env);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error ERR_SESSION_EXISTS: .*flk session rotate makes a new key$/m);

  const second = await rotate();
  assert.notEqual(second.key, first);
  assert.match(second.transaction ?? "", /^0x[0-9a-f]{64}$/);
  assert.equal(await shown(), second.key);

  // the chain had the next key, and the process ended before it was put in place
  const next = await nextKey("session", { dir: home.keystore, password: PASSWORD, kdf: "light" });
  chain.addSession(account, next.publicKey, 7n);
  const third = await rotate();
  assert.deepEqual([third.key, third.transaction, third.limit], [toHex(next.publicKey), null, "7"]);
  assert.equal(await shown(), third.key);
  const kept = (await readdir(home.keystore)).filter((name) => name.startsWith("session"));
  assert.deepEqual(kept.sort(), ["session-old-1.json", "session-old-2.json", "session.json"]);
});
