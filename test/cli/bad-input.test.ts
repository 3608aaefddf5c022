import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { makeNodeKeys } from "#cli/actions/keys.ts";
import { configureHome } from "#cli/config/deployment.ts";
import { type Home, resolveHome } from "#cli/config/home.ts";
import { flk, temporaryFolder } from "./support.ts";

const ADDRESS = `0x${"ab".repeat(20)}` as const;
const CONTRACTS = {
  flk: ADDRESS,
  stable: ADDRESS,
  staking: ADDRESS,
  vault: ADDRESS,
  settlement: ADDRESS,
  parameters: ADDRESS,
  services: ADDRESS,
};
const PASSWORD = "correct horse";

interface Context {
  after(fn: () => void | Promise<void>): void;
}

/** An L2 that only knows its chain id. */
async function fakeL2(t: Context, chainId: number): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { id } = JSON.parse(body) as { id: number };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: `0x${chainId.toString(16)}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function nodeHome(
  t: Context & { after(fn: () => Promise<void>): void },
  rpcUrl: string,
): Promise<Home> {
  const home = resolveHome(await temporaryFolder(t));
  await makeNodeKeys(home, PASSWORD, true);
  const settings = {
    rpcUrls: [rpcUrl],
    publicHost: "127.0.0.1",
    listenHost: "127.0.0.1",
    portOffset: 15_000,
  };
  await configureHome(home, { chainId: 31_337, deployBlock: 0, contracts: CONTRACTS }, settings);
  return home;
}

for (const command of [["node", "run"], ["stake", "1"], ["topup", "1"], ["claim"]]) {
  test(`flk ${command.join(" ")} with an L2 of another chain id names both ids`, async (t) => {
    const home = await nodeHome(t, await fakeL2(t, 10));
    const { code, stderr } = await flk(command, { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
    assert.equal(code, 1);
    assert.match(stderr, /^error ERR_L2_CHAIN_ID: the L2 has chain id 10, l2\.chain_id says 31337/m);
  });
}

test("a wrong keystore password is ERR_KEYSTORE_PASSWORD and says which file", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const { code, stderr } = await flk(["node", "run"], { FLK_HOME: home.root, FLK_PASSWORD: "wrong" });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_KEYSTORE_PASSWORD: .*keystore/m);
  assert.ok(!stderr.includes("wrong\n"), "the password is not shown");
});

test("a missing password and a missing password file are ERR_PASSWORD_MISSING", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const without = await flk(["node", "run"], { FLK_HOME: home.root });
  assert.equal(without.code, 1);
  assert.match(without.stderr, /^error ERR_PASSWORD_MISSING: /);
  const file = join(home.root, "no-such-file");
  const missing = await flk(["node", "run", "--password-file", file], { FLK_HOME: home.root });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^error ERR_PASSWORD_MISSING: cannot read the password file/);
});

test("missing keys are ERR_KEYSTORE_MISSING", async (t) => {
  const home = await temporaryFolder(t);
  const { code, stderr } = await flk(["node", "run"], { FLK_HOME: home, FLK_PASSWORD: PASSWORD });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_KEYSTORE_MISSING: /);
});

test("an L2 that does not answer is ERR_L2_UNREACHABLE naming the setting", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const { code, stderr } = await flk(["stake", "1"], { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_L2_UNREACHABLE: .*l2\.rpc_urls/);
});

test("content that is not there, or is empty, is refused by content add and before a devnet starts", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const empty = join(home.root, "empty");
  await mkdir(empty);
  const missing = join(home.root, "missing");
  const file = join(home.root, "a-file");
  await writeFile(file, "x");
  const cases: [folder: string, message: RegExp][] = [
    [missing, /^error ERR_CONTENT_MISSING: .*missing/],
    [empty, /^error ERR_CONTENT_EMPTY: .*empty/],
    [file, /^error ERR_CONTENT_MISSING: .*a-file/],
  ];
  const ports = ["--l2-port", "19011", "--indexer-port", "19012", "--port-offset", "16000"];
  for (const [folder, message] of cases) {
    const add = await flk(["content", "add", folder], { FLK_HOME: home.root });
    assert.equal(add.code, 1);
    assert.match(add.stderr, message);
    const devnet = await flk(["devnet", "--content", folder, "--epochs", "1", ...ports]);
    assert.equal(devnet.code, 1);
    assert.match(devnet.stderr, message);
  }
});

test("amounts and addresses that are none are refused with their code", async (t) => {
  const home = await nodeHome(t, await fakeL2(t, 31_337));
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  const cases: [args: string[], message: RegExp][] = [
    [["stake", "1e3"], /^error ERR_AMOUNT: not an amount: 1e3/],
    [["stake", "0"], /^error ERR_AMOUNT: the amount must be above zero/],
    [["topup", "0.0000001"], /^error ERR_AMOUNT: 0\.0000001 has more than 6 decimals/],
    [["topup", "1", "--for", "0x12"], /^error ERR_ADDRESS: not an address: 0x12/],
    [["claim", "alice"], /^error ERR_ADDRESS: not an address: alice/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await flk(args, env);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, message);
  }
});
