import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../deploy/hardhat.ts";
import { compare } from "./compare.ts";
import { currentLayouts, type Layouts } from "./layout.ts";

const FILE = "contracts/storage-layout.json";
const USAGE = `usage: node scripts/check/storage-layout/main.ts [--write [--breaking]]

Compares where the contracts behind proxies keep their variables with ${FILE}: they may only append.
  --write     records what was appended
  --breaking  records any change; only for contracts that no network runs`;

const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    breaking: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function check(): Promise<number> {
  const path = join(ROOT, FILE);
  const recorded = JSON.parse(await readFile(path, "utf8").catch(() => "{}")) as Layouts;
  const current = await currentLayouts();
  const { broken, appended } = compare(recorded, current);
  if (values.write && (broken.length === 0 || values.breaking)) {
    await writeFile(path, `${JSON.stringify(current, null, 2)}\n`);
    return 0;
  }
  for (const line of broken) console.error(`storage that exists would be misread: ${line}`);
  for (const line of values.write ? [] : appended) {
    console.error(`not recorded in ${FILE}: ${line}; record it with --write`);
  }
  return broken.length > 0 || appended.length > 0 ? 1 : 0;
}

if (values.help) console.log(USAGE);
else process.exitCode = await check();
