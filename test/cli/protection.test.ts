import assert from "node:assert/strict";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Home } from "#cli/config/home.ts";
import { loadConfig } from "#cli/config/load.ts";
import { bindProtection } from "#node/chain/protection/identity.ts";
import { signOnce } from "#node/chain/protection/records.ts";
import { openKeystore } from "#node/keys/keystore.ts";
import { openStore } from "#node/store/level-store.ts";
import { KIND, settlementMessage } from "#protocol/digests/consensus.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { SettlementShare } from "#protocol/types/consensus.ts";
import { toHex } from "#protocol/types/hex.ts";
import { type Context, flk, nodeHome, PASSWORD, temporaryFolder } from "./support.ts";

const DIGEST = new Uint8Array(32).fill(7);

async function storeOf(home: Home) {
  return openStore({ dataDir: join(home.data, "store"), protectionDir: home.protection });
}

/** A home whose node signed the settlement of epoch 3. */
async function signedHome(t: Context): Promise<Home> {
  const home = await nodeHome(t, "http://127.0.0.1:1");
  const { l2 } = await loadConfig(home);
  const { networkId } = networkContext(l2.chain_id, l2.contracts.settlement);
  const { consensus } = await openKeystore({ dir: home.keystore, password: PASSWORD });
  const store = await storeOf(home);
  await bindProtection(store, { networkId, consensusKeys: [consensus.publicKey] }, false);
  const message = settlementMessage(networkId, 3, DIGEST);
  const share = { epoch: 3, digest: DIGEST, node: 1, signature: consensus.sign(message) };
  const signed = await signOnce(store, KIND.settlement, 3, 0n, message, () =>
    SettlementShare.serialize(share),
  );
  await store.write(signed?.writes ?? assert.fail());
  await store.stop();
  return home;
}

test("flk node protection: what was exported is imported after the folder is gone, and refused by another node", async (t) => {
  const home = await signedHome(t);
  const out = join(await temporaryFolder(t), "protection.json");
  const exported = await flk(["node", "protection", "export", "--home", home.root, "--out", out, "--json"]);
  assert.equal(exported.code, 0, exported.stderr);
  assert.equal(JSON.parse(exported.stdout).records, 1);
  assert.equal((await stat(out)).mode & 0o777, 0o600);
  const again = await flk(["node", "protection", "export", "--home", home.root, "--out", out]);
  assert.match(again.stderr, /^error ERR_FILE: /);

  await rm(home.protection, { recursive: true });
  const imported = await flk(["node", "protection", "import", out, "--home", home.root, "--json"]);
  assert.equal(imported.code, 0, imported.stderr);
  assert.deepEqual(JSON.parse(imported.stdout), { protection: home.protection, added: 1, floorEpoch: 0 });
  await flk(["node", "protection", "export", "--home", home.root, "--out", `${out}.2`]);
  assert.equal(await readFile(`${out}.2`, "utf8"), await readFile(out, "utf8"));

  const other = await nodeHome(t, "http://127.0.0.1:1");
  const refused = await flk(["node", "protection", "import", out, "--home", other.root]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^error ERR_PROTECTION_FOREIGN: /);
  const forged = (await readFile(out, "utf8")).replace(toHex(DIGEST).slice(2), "08".repeat(32));
  await writeFile(out, forged);
  const damaged = await flk(["node", "protection", "import", out, "--home", home.root]);
  assert.match(damaged.stderr, /^error ERR_PROTECTION_FILE: .*records\[0\]/);
});

test("flk node protection: ERR_STORE_LOCKED while the node runs, a code for what is not there", async (t) => {
  const home = await signedHome(t);
  const out = join(await temporaryFolder(t), "protection.json");
  const store = await storeOf(home);
  for (const args of [
    ["export", "--out", out],
    ["import", home.config],
  ]) {
    const { code, stderr } = await flk(["node", "protection", ...args, "--home", home.root]);
    assert.equal(code, 1);
    assert.match(stderr, args[0] === "export" ? /^error ERR_STORE_LOCKED: / : /^error ERR_PROTECTION_FILE: /);
  }
  await store.stop();
  await flk(["node", "protection", "export", "--home", home.root, "--out", out]);
  const running = await storeOf(home);
  const locked = await flk(["node", "protection", "import", out, "--home", home.root]);
  assert.match(locked.stderr, /^error ERR_STORE_LOCKED: /);
  await running.stop();
  const empty = await nodeHome(t, "http://127.0.0.1:1");
  const nothing = await flk(["node", "protection", "export", "--home", empty.root, "--out", `${out}.2`]);
  assert.match(nothing.stderr, /^error ERR_FILE: /);
  const missing = await flk(["node", "protection", "import", `${out}.3`, "--home", home.root]);
  assert.match(missing.stderr, /^error ERR_FILE: /);
});
