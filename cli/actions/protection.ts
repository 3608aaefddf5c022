import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { formatProtection, parseProtection } from "#node/chain/protection/file-format.ts";
import { exportProtection, importProtection } from "#node/chain/protection/interchange.ts";
import type { Store } from "#node/interface/store.ts";
import { openProtectionStore } from "#node/store/level-store.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { CommonOptions } from "../cmds/options.ts";
import type { ExportOptions } from "../cmds/protection.ts";
import { type Home, resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { cliError } from "../errors.ts";
import { createOutput } from "../io/output.ts";
import { consensusKeys } from "./keys.ts";

/** The database may be opened by one process: that it can be shows that the node is stopped. @throws ERR_STORE_LOCKED */
async function withProtection<T>(home: Home, task: (store: Store) => Promise<T>): Promise<T> {
  const store = await openProtectionStore(home.protection);
  try {
    return await task(store);
  } finally {
    await store.stop();
  }
}

/** @throws ERR_FILE, ERR_STORE_LOCKED, ERR_PROTECTION_MISSING */
export async function exportToFile(options: ExportOptions): Promise<void> {
  const home = resolveHome(options.home);
  if (existsSync(options.out) && !options.force) {
    throw cliError("ERR_FILE", `${options.out} is there already; --force replaces it`, { path: options.out });
  }
  if (!existsSync(home.protection)) {
    throw cliError("ERR_FILE", `${home.protection} is not there: no node ran here`, {
      path: home.protection,
    });
  }
  const file = await withProtection(home, exportProtection);
  try {
    await writeFile(options.out, formatProtection(file), { mode: 0o600 });
  } catch (cause) {
    throw cliError("ERR_FILE", `cannot write ${options.out}`, { path: options.out }, cause);
  }
  const { floorEpoch, records } = file;
  const keys = file.consensusKeys.map(toHex);
  createOutput(options).data(
    { file: options.out, floorEpoch, records: records.length, consensusKeys: keys },
    [`wrote ${options.out}: ${records.length} signatures from epoch ${floorEpoch} on, by ${keys.join(", ")}`],
  );
}

/** @throws ERR_FILE, ERR_STORE_LOCKED and the codes of `parseProtection` and `importProtection` */
export async function importFromFile(path: string, options: CommonOptions): Promise<void> {
  const home = resolveHome(options.home);
  const { l2 } = await loadConfig(home);
  const { networkId } = networkContext(l2.chain_id, l2.contracts.settlement);
  const identity = { networkId, consensusKeys: await consensusKeys(home) };
  const file = parseProtection(await readText(path));
  const done = await withProtection(home, (store) => importProtection(store, file, identity, blsVerifier));
  createOutput(options).data({ protection: home.protection, ...done }, [
    `${done.added} signatures are new in ${home.protection}; nothing is signed in epochs before ${done.floorEpoch}`,
  ]);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw cliError("ERR_FILE", `cannot read ${path}`, { path }, cause);
  }
}
