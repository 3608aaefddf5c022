import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "#cli/config/load.ts";
import { writeNodeId } from "#cli/config/registration.ts";
import { type NodePorts, nodePorts } from "#cli/devnet/ports.ts";
import { openKeystore } from "#node/keys/keystore.ts";
import { CONTRACTS, type Context, fakeL2, flk, nodeHome, PASSWORD, temporaryFolder } from "./support.ts";

async function otherL2(t: Context, chainId: number): Promise<string> {
  const l2 = await fakeL2(chainId);
  t.after(() => l2.close());
  return l2.url;
}

for (const command of [["node", "run"], ["stake", "1"], ["topup", "1"], ["claim"]]) {
  test(`flk ${command.join(" ")} with an L2 of another chain id names both ids`, async (t) => {
    const home = await nodeHome(t, await otherL2(t, 10));
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
  const home = await nodeHome(t, "http://127.0.0.1:9");
  await rm(home.keystore, { recursive: true });
  const { code, stderr } = await flk(["node", "run"], { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_KEYSTORE_MISSING: /);
});

test("an L2 that does not answer is ERR_L2_UNREACHABLE naming the setting", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const { code, stderr } = await flk(["stake", "1"], { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_L2_UNREACHABLE: .*l2\.rpc_urls/);
});

test("a node that does not answer is named with its setting", async (t) => {
  const home = await nodeHome(t, await otherL2(t, 31_337));
  const { code, stderr } = await flk(["price"], { FLK_HOME: home.root });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_RPC_UNREACHABLE: no answer from http:\S+ \(client\.node_rpc_url\)$/m);
});

test("an RPC URL is named by its host alone, also in the stack of --debug", async (t) => {
  const home = await nodeHome(t, "http://user:hidden1@127.0.0.1:9/v2/hidden2?key=hidden3");
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  for (const args of [
    ["stake", "1"],
    ["--debug", "stake", "1"],
  ]) {
    const { stderr } = await flk(args, env);
    assert.match(stderr, /^error ERR_L2_UNREACHABLE: the L2 does not answer at 127\.0\.0\.1:9 /);
    assert.ok(!stderr.includes("hidden"), stderr);
  }
});

const WITH_CONFIG = [
  ["node", "run"],
  ["node", "register"],
  ["stake", "1"],
  ["unstake", "withdraw"],
  ["unstake", "list"],
  ["lock", "1"],
  ["node", "show"],
  ["node", "rotate-keys"],
  ["node", "rotate-network-key"],
  ["node", "opt-out"],
  ["withdraw", "1"],
  ["activate"],
  ["freeze"],
  ["escape"],
  ["topup", "1"],
  ["claim"],
  ["balance"],
  ["session", "authorize"],
  ["fetch", `0x${"00".repeat(32)}`],
  ["gov", "list"],
  ["gov", "vote", "0x12", "for"],
  ["service", "list"],
  ["service", "set-price", "0", "0", "1"],
];
test("a missing configuration is said before a password is asked for or a key is looked for", async (t) => {
  const home = await temporaryFolder(t);
  for (const args of WITH_CONFIG) {
    const { code, stderr } = await flk(args, { FLK_HOME: home });
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, /^error ERR_CONFIG_MISSING: .*flk node init/, args.join(" "));
  }
});

for (const [use, setting] of [
  ["pool", "pool.listen"],
  ["rpc", "rpc.port"],
  ["metrics", "metrics.port"],
] as const) {
  test(`flk node run with its ${use} port in use names the port and ${setting}`, async (t) => {
    const { port, offset } = await occupied(t, use);
    const home = await nodeHome(t, "http://127.0.0.1:9", offset);
    const keys = await openKeystore({ dir: home.keystore, password: PASSWORD });
    await writeNodeId(home, await loadConfig(home), keys.consensus.publicKey, 1);
    const { code, stderr } = await flk(["node", "run"], { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^error ERR_PORT_IN_USE: port ${port} .*${setting}`, "m"));
  });
}

test("flk indexer run with its port in use names the port and indexer.port", async (t) => {
  const { port } = await occupied(t, "rpc");
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const toml = await readFile(home.config, "utf8");
  await writeFile(home.config, toml.replace("port = 4000", `port = ${port}`));
  const { code, stderr } = await flk(["indexer", "run"], { FLK_HOME: home.root });
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`^error ERR_PORT_IN_USE: port ${port} .*indexer\\.port`, "m"));
});

/** A port that is taken, and the offset at which a node would want it. */
async function occupied(t: Context, use: keyof NodePorts): Promise<{ port: number; offset: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { port, offset: port - nodePorts(0, 0)[use] };
}

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

test("arguments that cannot be meant end with 2, whatever the configuration", async (t) => {
  const home = await temporaryFolder(t);
  const hash = `0x${"00".repeat(32)}`;
  const address = `0x${"ab".repeat(20)}`;
  const cases: [args: string[], message: RegExp][] = [
    [["stake", "1e3"], /^error ERR_AMOUNT: not an amount: 1e3/],
    [["stake", "0"], /^error ERR_AMOUNT: the amount must be above zero/],
    [["topup", "-5"], /^error ERR_AMOUNT: not an amount: -5/],
    [["topup", "0.0000001"], /^error ERR_AMOUNT: 0\.0000001 has more than 6 decimals/],
    [["topup", "1", "--for", "0x12"], /^error ERR_ADDRESS: not an address: 0x12/],
    [["topup", "18446744073709.551616"], /^error ERR_AMOUNT: .* is more than there can be/],
    [["session", "delegate", "--limit", "9".repeat(30)], /^error ERR_AMOUNT: .* is more than there can be/],
    [["claim-to", `0x${"00".repeat(20)}`], /^error ERR_ADDRESS: nobody has the address zero/],
    [
      ["topup", "1", "--for", "0x70997970C51812dc3A010C7d01b50e0d17dc79c8"],
      /^error ERR_ADDRESS: the checksum of 0x70997970C51812dc3A010C7d01b50e0d17dc79c8 does not hold/,
    ],
    [["claim", "alice"], /^error ERR_ADDRESS: not an address: alice/],
    [["claim", address, "--all"], /^error ERR_USAGE: claim takes addresses or --all, not both/],
    [["balance", "xyz"], /^error ERR_ADDRESS: not an address: xyz/],
    [["faucet", "xyz"], /^error ERR_ADDRESS: not an address: xyz/],
    [["session", "authorize", "--limit", "much"], /^error ERR_AMOUNT: not an amount: much/],
    [["fetch", "0x12"], /^error ERR_USAGE: not a BLAKE3 hash/],
    [["fetch", hash, "--node", "one"], /^error ERR_USAGE: .*'--node <id>' argument 'one' is invalid/],
    [["node", "run", "--log-level", "loud"], /^error ERR_USAGE: --log-level must be one of/],
    [["node", "init", "--deployment", "x", "--rpc-url", "ftp://x"], /^error ERR_USAGE: --rpc-url must/],
    [["gov", "propose", "--description", "x"], /^error ERR_USAGE: a proposal is made of --file or of --call/],
    [["gov", "propose", "--call", "vault.unpause"], /^error ERR_USAGE: a proposal needs --description/],
    [["gov", "vote", "0x12", "maybe"], /^error ERR_USAGE: .*It must be one of for, against, abstain/],
    [["gov", "delegate", "bob"], /^error ERR_ADDRESS: not an address: bob/],
    [["service", "register", "--price", "1"], /^error ERR_USAGE: required option '--metadata <uri>'/],
    [
      ["service", "register", "--metadata", "x", "--price", "1", "much"],
      /^error ERR_AMOUNT: not an amount: much/,
    ],
    [
      ["service", "set-price", "0", "8", "1"],
      /^error ERR_USAGE: .*'commodity'.*It must be a whole number, 0 to 7/,
    ],
    [
      ["deploy", "--implementation", "flk", "--of", "x"],
      /^error ERR_USAGE: --implementation takes one of settlement,/,
    ],
    [["deploy", "--implementation", "vault"], /^error ERR_USAGE: --of must name the file/],
    [["unstake", "cancel", "-1"], /^error ERR_USAGE: .*'-1' is invalid for argument 'request'/],
    [["lock", "0"], /^error ERR_USAGE: .*'days'.*It must be a whole number, 1 to 36500/],
    [["stake", "1", "--node", "0"], /^error ERR_USAGE: .*'--node <id>' argument '0' is invalid/],
    [["unstake", "withdraw", "--to", "bob"], /^error ERR_ADDRESS: not an address: bob/],
    [["authorization", "sign", "0", "--out", "none.json"], /^error ERR_AMOUNT: the amount must be above/],
    [["node", "set-operator", "bob"], /^error ERR_ADDRESS: not an address: bob/],
    [["node", "set-payee", "none"], /^error ERR_ADDRESS: not an address: none/],
    [["claim-to", "none"], /^error ERR_ADDRESS: not an address: none/],
    [["withdraw", "0"], /^error ERR_AMOUNT: the amount must be above zero/],
    [["escape", "bob"], /^error ERR_ADDRESS: not an address: bob/],
    [["authorization", "sign", "1"], /^error ERR_USAGE: required option '--out <file>'/],
    [["unstake", "5"], /^error ERR_USAGE: flk unstake request 5 starts the thaw/],
    [["unstake", "reqest", "5"], /^error ERR_USAGE: unknown command 'reqest'/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await flk(args, { FLK_HOME: home });
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, message);
  }
});

test("a home that cannot be a folder is ERR_FILE and named", async (t) => {
  const home = join(await temporaryFolder(t), "file");
  await writeFile(home, "");
  const deployment = join(await temporaryFolder(t), "deployment.json");
  await writeFile(deployment, JSON.stringify({ chainId: 31_337, deployBlock: 0, contracts: CONTRACTS }));
  const init = ["node", "init", "--deployment", deployment, "--rpc-url", "http://127.0.0.1:9"];
  const { code, stderr } = await flk(init, { FLK_HOME: home });
  assert.equal(code, 1);
  assert.ok(stderr.startsWith("error ERR_FILE: ") && stderr.includes(home), stderr);
});

test("a deployment names the L2 that does not answer by its host alone", async (t) => {
  const url = "http://user:hidden1@127.0.0.1:9/v2/hidden2?key=hidden3";
  const file = join(await temporaryFolder(t), "deployment.json");
  await writeFile(file, "{}");
  for (const args of [[], ["--implementation", "vault", "--of", file]]) {
    const { code, stderr } = await flk(["deploy", "--rpc-url", url, ...args]);
    assert.equal(code, 1);
    assert.match(stderr, /^error ERR_DEPLOY: the L2 at 127\.0\.0\.1:9: HTTP request failed\.\n$/);
  }
});

test("an output that cannot be written is told before anything is paid", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const hash = `0x${"00".repeat(32)}`;
  const cases: [args: string[], message: RegExp][] = [
    [["fetch", hash, "-o", "no-folder/file"], /^error ERR_OUTPUT_FILE: no-folder\/file cannot be written/],
    [["compute", hash, "-o", "."], /^error ERR_OUTPUT_FILE: \. is a folder/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await flk(args, { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, message);
  }
});

test("governance needs the governor's address, and says where it is", async (t) => {
  const home = await nodeHome(t, await otherL2(t, 31_337));
  for (const args of [
    ["gov", "list"],
    ["gov", "queue", "0x12"],
    ["gov", "propose", "--description", "x", "--call", "vault.unpause"],
  ]) {
    const { code, stderr } = await flk(args, { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD });
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, /^error ERR_CONFIG: l2\.contracts\.governor is missing; .*deployment\.json/);
  }
});

test("a deployment that cannot be read or asked about is not checked", async (t) => {
  const folder = await temporaryFolder(t);
  const missing = await flk(["deploy", "--verify", join(folder, "none.json")]);
  assert.equal(missing.code, 1);
  assert.match(
    missing.stderr,
    /^error ERR_DEPLOYMENT: the deployment could not be checked: ENOENT.*none\.json/,
  );
  const file = join(folder, "deployment.json");
  await writeFile(file, "[]");
  const empty = await flk(["deploy", "--verify", file]);
  assert.match(
    empty.stderr,
    /^error ERR_DEPLOYMENT: the deployment could not be checked: .*chainId, fromBlock and networkId/,
  );
  const unread = await flk(["deploy", "--implementation", "vault", "--of", join(folder, "none.json")]);
  assert.match(unread.stderr, /^error ERR_CONFIG: .*none\.json cannot be read as a deployment/);
});

test("files that are not what a command reads are ERR_INPUT_FILE and say which field is wrong", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "input.json");
  const word = `0x${"ab".repeat(32)}`;
  const evidence = { kind: 1, epoch: "3", slot: 4, payloadA: word, signersA: ["8589934592"] };
  const cases: [args: string[], text: string, message: RegExp][] = [
    [["slash"], "{", /cannot be read as JSON/],
    [["slash"], "[]", /is no JSON object/],
    [["slash"], "{}", /kind must be a whole number/],
    [["slash"], JSON.stringify({ ...evidence, epoch: "-3" }), /epoch must be a whole number/],
    [["slash"], JSON.stringify({ ...evidence, payloadA: "0x12" }), /payloadA must be hex of 32 bytes/],
    [["slash"], JSON.stringify({ ...evidence, signersA: 7 }), /signersA must be a list/],
    [["slash"], JSON.stringify({ ...evidence, signersA: [0.5] }), /signersA\[0\] must be a whole number/],
    [["authorization", "submit"], JSON.stringify({ from: "bob" }), /from must be hex of 20 bytes/],
    [["escape", "--report"], "no ssz", /is no report of an epoch/],
  ];
  for (const [args, text, message] of cases) {
    await writeFile(file, text);
    const { code, stderr } = await flk([...args, file], { FLK_HOME: folder });
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, /^error ERR_INPUT_FILE: .*input\.json/);
    assert.match(stderr, message);
  }
});

test("play money is refused off a local network", async (t) => {
  const home = await nodeHome(t, await otherL2(t, 10));
  const toml = await readFile(home.config, "utf8");
  await writeFile(home.config, toml.replace("chain_id = 31337", "chain_id = 10"));
  const { code, stderr } = await flk(["faucet"], { FLK_HOME: home.root });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_FAUCET: .*not on chain 10/);
});

test("a delegation to what is no origin or no key is refused before any key is opened", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  const key = `0x${"ab".repeat(32)}`;
  const bad = [
    ["--origin", "example.com"],
    ["--origin", "https://example.com/path"],
    ["--origin", "file:///tmp"],
    ["--origin", "tauri://localhost/path"],
    ["--key", "0x12"],
    ["--key", key.slice(2)],
  ];
  for (const option of bad) {
    const { code, stderr } = await flk(["session", "delegate", "--limit", "1", ...option], env);
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /^error ERR_USAGE: not an origin|^error ERR_USAGE: not a public key/m,
      option.join(" "),
    );
  }
  for (const origin of [
    "https://example.com:8443/",
    "moz-extension://7a4b6f0e-2c1d-4c55-9d0e-3f1f8a2b7c11",
  ]) {
    const good = await flk(["session", "delegate", "--limit", "1", "--origin", origin, "--key", key], env);
    assert.doesNotMatch(good.stderr, /ERR_USAGE/);
  }
});
