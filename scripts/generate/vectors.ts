import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { consensusVectors, networkVectors, settlementVectors } from "./vectors/consensus.ts";
import { ackVectors, transactionVectors } from "./vectors/transactions.ts";

/** Writes the digests of fixed inputs to test/vectors; `--check` fails when a file differs from what the code gives. */
const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "test", "vectors");
const check = process.argv.includes("--check");

const files = {
  "network.json": networkVectors(),
  "consensus.json": consensusVectors(),
  "settlement.json": settlementVectors(),
  "transactions.json": await transactionVectors(),
  "acks.json": ackVectors(),
};

await mkdir(FOLDER, { recursive: true });
let stale = 0;
for (const [name, vectors] of Object.entries(files)) {
  const path = join(FOLDER, name);
  const text = `${JSON.stringify(vectors, null, 2)}\n`;
  if (!check) await writeFile(path, text);
  else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    stale++;
    console.error(
      `test/vectors/${name} is stale: run node scripts/generate/vectors.ts, and say why bytes changed`,
    );
  }
}
process.exitCode = stale === 0 ? 0 : 1;
