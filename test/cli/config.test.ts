import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { configureHome, readDeployment } from "#cli/config/deployment.ts";
import { resolveHome } from "#cli/config/home.ts";
import { loadConfig, parseConfig } from "#cli/config/load.ts";
import { apiSettings } from "#cli/indexer/api.ts";
import { QUERIES } from "#client/queries/generated.ts";
import { DEFAULT_API } from "#indexer/api/settings.ts";

const ADDRESS = `0x${"ab".repeat(20)}` as const;
const CONTRACTS = {
  flk: ADDRESS,
  stable: ADDRESS,
  staking: ADDRESS,
  vault: ADDRESS,
  settlement: ADDRESS,
  parameters: ADDRESS,
  services: ADDRESS,
  auction: ADDRESS,
};
const contracts = Object.keys(CONTRACTS)
  .map((name) => `${name} = "${ADDRESS}"`)
  .join("\n");
const L2 = `[l2]\nrpc_urls = ["http://127.0.0.1:8545"]\nchain_id = 31337\n[l2.contracts]\n${contracts}\n`;

async function temporaryHome(t: { after(fn: () => Promise<void>): void }) {
  const root = await mkdtemp(join(tmpdir(), "flk-test-"));
  t.after(() => rm(root, { recursive: true }));
  return resolveHome(join(root, "home"));
}

test("a short configuration is completed with the documented ports", () => {
  const config = parseConfig(L2, "config.toml");
  assert.equal(config.handshake.port, 4220);
  assert.equal(config.rpc.port, 4230);
  assert.equal(config.metrics.port, 4290);
  assert.equal(config.indexer.port, 4000);
  assert.equal(config.l2.poster_step_seconds, 30);
});

const HOSTILE: [name: string, toml: string, key: RegExp][] = [
  ["an unknown section", `${L2}[rcp]\nport = 1\n`, /rcp: is not a known setting/],
  ["an unknown key", `${L2}[rpc]\nprot = 1\n`, /rpc\.prot: is not a known setting/],
  ["an inherited name", `${L2}[rpc]\nconstructor = 1\n`, /rpc\.constructor: is not a known setting/],
  ["a wrong type", `${L2}[rpc]\nport = "4230"\n`, /rpc\.port: must be a whole number/],
  ["a port out of range", `${L2}[rpc]\nport = 70000\n`, /rpc\.port: must be 0 to 65535, is 70000/],
  ["a value where a table belongs", `rpc = 7\n${L2}`, /rpc: must be a table/],
  ["a missing section", "", /l2\.rpc_urls: is missing/],
  [
    "a URL of another scheme",
    L2.replace("http:", "file:"),
    /l2\.rpc_urls\[0\]: must be an http or https URL/,
  ],
  ["an empty list", L2.replace('"http://127.0.0.1:8545"', ""), /l2\.rpc_urls: must have 1 to 8 entries/],
  ["a short address", L2.replace(ADDRESS, "0xab"), /l2\.contracts\.flk: must be a 0x address/],
  ["a word for a flag", `${L2}[indexer]\ngraphiql = "no"\n`, /indexer\.graphiql: must be true or false/],
  [
    "an origin with a path",
    `${L2}[indexer]\ncors_origins = ["https://example.org/"]\n`,
    /indexer\.cors_origins\[0\]: must be "\*" or an origin/,
  ],
  ["no TOML at all", "[l2", /config\.toml:1:\d+: is not valid TOML/],
];

for (const [name, toml, message] of HOSTILE) {
  test(`${name} is refused with ERR_CONFIG naming the key`, () => {
    assert.throws(() => parseConfig(toml, "config.toml"), { code: "ERR_CONFIG", message });
  });
}

test("a written configuration loads, is private, and is not replaced unasked", async (t) => {
  const home = await temporaryHome(t);
  const deployment = { chainId: 31337, deployBlock: 3, contracts: CONTRACTS };
  const settings = {
    rpcUrls: ["http://l2.example"],
    publicHost: "node.example",
    listenHost: "0.0.0.0",
    portOffset: 100,
  };
  const written = await configureHome(home, deployment, settings);
  const loaded = await loadConfig(home);
  assert.deepEqual(loaded, written);
  assert.equal(loaded.rpc.port, 4330);
  assert.deepEqual(loaded.pool.announce, ["/dns/node.example/tcp/4300"]);
  assert.equal((await stat(home.config)).mode & 0o777, 0o600);
  await assert.rejects(configureHome(home, deployment, settings), { code: "ERR_CONFIG_EXISTS" });
});

test("an IPv6 host is announced in brackets where it is in a URL", async (t) => {
  const home = await temporaryHome(t);
  const deployment = { chainId: 1, deployBlock: 0, contracts: CONTRACTS };
  const settings = { rpcUrls: ["http://l2.example"], publicHost: "2001:db8::1", listenHost: "0.0.0.0" };
  const config = await configureHome(home, deployment, { ...settings, portOffset: 0 });
  assert.equal(config.handshake.url, "http://[2001:db8::1]:4220");
  assert.deepEqual(config.pool.announce, ["/ip6/2001:db8::1/tcp/4200"]);
});

test("a deployment without a contract names the key", async (t) => {
  const home = await temporaryHome(t);
  const { vault: _, ...rest } = CONTRACTS;
  const deployment = { chainId: 1, deployBlock: 0, contracts: rest as typeof CONTRACTS };
  const settings = {
    rpcUrls: ["http://l2.example"],
    publicHost: "::1",
    listenHost: "0.0.0.0",
    portOffset: 0,
  };
  await assert.rejects(configureHome(home, deployment, settings), {
    code: "ERR_CONFIG",
    message: /l2\.contracts\.vault: is missing/,
  });
});

test("what the deployment of the contracts prints, and what a local network writes, name the same contracts", async (t) => {
  const home = await temporaryHome(t);
  const path = join(dirname(home.root), "deployment.json");
  const others = ["slasher", "auction", "governor", "timelock", "votes"];
  const contracts = { ...CONTRACTS, ...Object.fromEntries(others.map((name) => [name, ADDRESS])) };
  const accounts = { deployer: ADDRESS, guardian: ADDRESS, launcher: ADDRESS, accessManager: ADDRESS };
  const printed = { chainId: 5, networkId: "0x00", fromBlock: 9, ...accounts, ...contracts };
  const written = { chainId: 5, deployBlock: 9, contracts: { ...contracts, access_manager: ADDRESS } };
  for (const value of [printed, written]) {
    await writeFile(path, JSON.stringify(value));
    assert.deepEqual(await readDeployment(path), written);
  }
  for (const text of ["", "[]", "null", "7"]) {
    await writeFile(path, text);
    await assert.rejects(readDeployment(path), { code: "ERR_CONFIG", message: /deployment\.json/ });
  }
});

test("a missing configuration says how to make one", async (t) => {
  const home = await temporaryHome(t);
  await assert.rejects(loadConfig(home), { code: "ERR_CONFIG_MISSING", message: /flk node init/ });
});

test("docs/operations/config.md names every setting", async () => {
  const doc = await readFile(new URL("../../docs/operations/config.md", import.meta.url), "utf8");
  for (const [section, settings] of Object.entries(parseConfig(L2, "config.toml"))) {
    for (const key of Object.keys(settings)) {
      assert.ok(doc.includes(`\`${section}.${key}\``), `${section}.${key}`);
    }
  }
});

test("behind a router a node announces the port that others reach it under, not the one it listens on", async (t) => {
  const home = await temporaryHome(t);
  const deployment = { chainId: 31_337, deployBlock: 0, contracts: CONTRACTS };
  const local = { rpcUrls: ["http://127.0.0.1:8545"], publicHost: "node.example", listenHost: "0.0.0.0" };
  const written = await configureHome(home, deployment, { ...local, portOffset: 0, publicPoolPort: 9000 });
  assert.deepEqual(written.pool, {
    listen: ["/ip4/0.0.0.0/tcp/4200"],
    announce: ["/dns/node.example/tcp/9000"],
  });
});

test("the indexer's API is set by the configuration, and knows the documents of a file besides those of the client", async (t) => {
  const home = await temporaryHome(t);
  const settings = (more: string) => apiSettings(parseConfig(`${L2}[indexer]\n${more}`, "config.toml"), home);
  const plain = await settings("");
  assert.deepEqual(
    { ...plain, persisted: plain.persisted.size },
    { ...DEFAULT_API, persisted: QUERIES.length },
  );
  const origins = '"https://example.org", "*"';
  const set = await settings(`cors_origins = [${origins}]\nrequests_per_minute = 60\ntrust_proxy = true\n`);
  assert.deepEqual(set.corsOrigins, ["https://example.org", "*"]);
  assert.deepEqual([set.requestsPerMinute, set.trustProxy], [60, true]);
  const listed = 'persisted_queries = "documents.json"\npersisted_only = true\n';
  await assert.rejects(settings(listed), /ERR_CONFIG|cannot be read/);
  await mkdir(home.root, { recursive: true });
  await writeFile(join(home.root, "documents.json"), '{"not": "a list"}');
  await assert.rejects(settings(listed), /must be a list of GraphQL documents/);
  await writeFile(join(home.root, "documents.json"), '["{ _meta { height } }"]');
  const { persisted } = await settings(listed);
  assert.equal(persisted.size, QUERIES.length + 1);
  assert.ok([...persisted.values()].includes("{ _meta { height } }"));
});
