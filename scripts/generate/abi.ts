import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTypeChain } from "typechain";
import { buildContracts, projectHardhat, ROOT } from "../deploy/hardhat.ts";

/** Contracts whose ABI TypeScript uses. */
const CONTRACTS = [
  "AccessManager",
  "BuybackAuction",
  "FLK",
  "FlkGovernor",
  "FlkTimelock",
  "FlkVotes",
  "NodeStaking",
  "ClientVault",
  "EpochSettlement",
  "ProtocolParameters",
  "ServiceRegistry",
  "Slasher",
  "MockUSD",
];
const OUT_DIR = join(ROOT, "protocol", "abi");

async function generate(outDir: string): Promise<void> {
  const hre = await projectHardhat();
  await buildContracts(hre);
  const files = await Promise.all(CONTRACTS.map((name) => hre.artifacts.getArtifactPath(name)));
  const target = join(ROOT, "scripts", "generate", "viem-target.ts");
  await runTypeChain({ cwd: ROOT, target, outDir, filesToProcess: files, allFiles: files });
}

/** Names of the files in `protocol/abi` that differ from what the contracts give now. */
async function stale(): Promise<string[]> {
  const fresh = await mkdtemp(join(tmpdir(), "flk-abi-"));
  try {
    await generate(fresh);
    const [expected, actual] = await Promise.all([readdir(fresh), readdir(OUT_DIR)]);
    const differs = await Promise.all(
      [...new Set([...expected, ...actual])].map(async (name) => {
        if (!expected.includes(name) || !actual.includes(name)) return [name];
        const [now, kept] = await Promise.all(
          [fresh, OUT_DIR].map((dir) => readFile(join(dir, name), "utf8")),
        );
        return now === kept ? [] : [name];
      }),
    );
    return differs.flat();
  } finally {
    await rm(fresh, { recursive: true });
  }
}

const args = process.argv.slice(2);
if (args.some((arg) => arg !== "--check")) {
  console.error("usage: node scripts/generate/abi.ts [--check]");
  process.exitCode = 2;
} else if (args.length === 1) {
  const files = await stale();
  if (files.length > 0) {
    console.error(`protocol/abi is stale: ${files.join(", ")}. Run \`npm run generate\`.`);
    process.exitCode = 1;
  }
} else {
  await generate(OUT_DIR);
}
