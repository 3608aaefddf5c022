import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { encodeFunctionData, encodeFunctionResult, keccak256 } from "viem";
import type { Home } from "#cli/config/home.ts";
import { loadConfig } from "#cli/config/load.ts";
import { readNodeId, registrationPath, writeNodeId } from "#cli/config/registration.ts";
import { openKeystore } from "#node/keys/keystore.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { freePort } from "#scripts/bench/support/free-port.ts";
import { CONTRACTS, type Context, fakeL2, nodeHome, PASSWORD, startFlk } from "../support.ts";

async function consensusKey(home: Home): Promise<Uint8Array> {
  return (await openKeystore({ dir: home.keystore, password: PASSWORD })).consensus.publicKey;
}

/** What an L2 answers on which `key` is registered as `nodeId`, in whichever version. */
function registered(key: Uint8Array, nodeId: number): Record<string, (params: unknown[]) => unknown> {
  const call = { abi: nodeStakingAbi, functionName: "keyOwner" } as const;
  const asked = encodeFunctionData({ ...call, args: [keccak256(g1ToEip2537(key))] });
  return {
    eth_call: ([transaction]) => {
      const { to, data } = transaction as { to: string; data: string };
      const known = to === CONTRACTS.staking && data === asked;
      return encodeFunctionResult({ ...call, result: known ? [nodeId, 3, 5n] : [0, 0, 0n] });
    },
  };
}

function run(t: Context, home: Home) {
  const running = startFlk(["node", "run"], { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
  t.after(() => void running.child.kill("SIGKILL"));
  return running;
}

test("a first start waits for the L2, remembers the node's id, and then needs no L2 to start again", async (t) => {
  const port = await freePort();
  const home = await nodeHome(t, `http://127.0.0.1:${port}`, 22_000);
  const key = await consensusKey(home);
  const first = run(t, home);
  await first.stderrHas(/node\.waiting_for_l2/);
  const l2 = await fakeL2(31_337, registered(key, 7), port);
  t.after(() => l2.close());
  await first.stderrHas(/"node":7.*node\.listening/);
  assert.equal(await readNodeId(home, await loadConfig(home), key), 7);
  first.child.kill("SIGTERM");
  const ended = await first.ended;
  assert.equal(ended.code, 0, ended.stderr);

  await l2.close();
  const second = run(t, home);
  await second.stderrHas(/"node":7.*node\.listening/);
  second.child.kill("SIGTERM");
  assert.equal((await second.ended).code, 0);
});

test("SIGTERM ends a node that waits for the L2, in order", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9", 22_100);
  const running = run(t, home);
  await running.stderrHas(/node\.waiting_for_l2/);
  running.child.kill("SIGTERM");
  const { code, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /"reason":"SIGTERM".*node\.stopped/);
  assert.equal(stderr.match(/node\.waiting_for_l2/g)?.length, 1, "the wait is logged once");
});

test("an L2 of another chain stops a node that remembers its id", async (t) => {
  const l2 = await fakeL2(10);
  t.after(() => l2.close());
  const home = await nodeHome(t, l2.url, 22_200);
  await writeNodeId(home, await loadConfig(home), await consensusKey(home), 7);
  const { code, stderr } = await run(t, home).ended;
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_L2_CHAIN_ID: /m);
});

test("an id that the L2 does not confirm stops the node and is forgotten", async (t) => {
  const l2 = await fakeL2(31_337);
  t.after(() => l2.close());
  const home = await nodeHome(t, l2.url, 22_300);
  const key = await consensusKey(home);
  await writeNodeId(home, await loadConfig(home), key, 7);
  const { code, stderr } = await run(t, home).ended;
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_NOT_REGISTERED: .*as node 7/m);
  assert.equal(await readNodeId(home, await loadConfig(home), key), undefined);
});

test("a node whose key the L2 does not know stops", async (t) => {
  const nobody = { eth_call: () => `0x${"00".repeat(96)}` };
  const l2 = await fakeL2(31_337, nobody);
  t.after(() => l2.close());
  const home = await nodeHome(t, l2.url, 22_400);
  const { code, stderr } = await run(t, home).ended;
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_NOT_REGISTERED: no node with this consensus key/m);
});

test("an id is remembered for one chain, one deployment and one key", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const config = await loadConfig(home);
  const key = new Uint8Array(48).fill(1);
  assert.equal(await readNodeId(home, config, key), undefined);
  await writeNodeId(home, config, key, 3);
  assert.equal(await readNodeId(home, config, key), 3);
  assert.equal(await readNodeId(home, config, new Uint8Array(48)), undefined);
  const otherChain = { ...config, l2: { ...config.l2, chain_id: 1 } };
  assert.equal(await readNodeId(home, otherChain, key), undefined);
  const contracts = { ...CONTRACTS, settlement: `0x${"cd".repeat(20)}` as const };
  assert.equal(await readNodeId(home, { ...config, l2: { ...config.l2, contracts } }, key), undefined);
});

test("a registration that cannot be read says which file to remove", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const config = await loadConfig(home);
  const key = new Uint8Array(48);
  await writeNodeId(home, config, key, 3);
  const whole = await readFile(registrationPath(home), "utf8");
  for (const text of ["", whole.slice(0, 20), "null", "{}", whole.replace('"nodeId": 3', '"nodeId": -1')]) {
    await writeFile(registrationPath(home), text);
    await assert.rejects(readNodeId(home, config, key), {
      code: "ERR_REGISTRATION_FILE",
      message: /registration\.json .*remove it/,
    });
  }
});
