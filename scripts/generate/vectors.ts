import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { consensusVectors, networkVectors, settlementVectors } from "./vectors/consensus.ts";
import { eigentrustVectors } from "./vectors/eigentrust.ts";
import { leaderVectors } from "./vectors/leader.ts";
import { solidityVectors } from "./vectors/solidity.ts";
import { ackVectors, transactionVectors } from "./vectors/transactions.ts";

/**
 * Writes the digests of fixed inputs to test/vectors, and those that contracts compute to a Solidity library as well; `--check` fails when a file
 * differs from what the code gives.
 */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const SOLIDITY = "test/contracts/support/Vectors.sol";
const check = process.argv.includes("--check");

const json = {
  "network.json": networkVectors(),
  "consensus.json": consensusVectors(),
  "leader.json": leaderVectors(),
  "settlement.json": settlementVectors(),
  "transactions.json": await transactionVectors(),
  "acks.json": ackVectors(),
  "eigentrust.json": eigentrustVectors(),
};

const options = await resolveConfig(join(ROOT, SOLIDITY));
const files = [
  ...Object.entries(json).map(([name, vectors]) => [
    `test/vectors/${name}`,
    `${JSON.stringify(vectors, null, 2)}\n`,
  ]),
  [SOLIDITY, await format(solidityVectors(), { ...options, filepath: SOLIDITY })],
] as [path: string, text: string][];

let stale = 0;
for (const [name, text] of files) {
  const path = join(ROOT, name);
  await mkdir(dirname(path), { recursive: true });
  if (!check) await writeFile(path, text);
  else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    stale++;
    console.error(`${name} is stale: run node scripts/generate/vectors.ts, and say why bytes changed`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
