import { runSteps } from "#scripts/run-steps.ts";

const plain = process.stdout.isTTY ? [] : ["--colors=off"];

/** `npm run check`: everything that can be said about the code without running it. */
await runSteps("npm run check", [
  { name: "biome", command: "biome", args: ["ci", ...plain, "."] },
  { name: "tsc", command: "tsc", args: ["--noEmit", "-p", "tsconfig.json"] },
  { name: "tsc (explorer)", command: "tsc", args: ["--noEmit", "-p", "indexer/explorer/tsconfig.json"] },
  { name: "knip", command: "knip", args: [] },
  {
    name: "solhint",
    command: "solhint",
    args: ["--noPoster", "--max-warnings", "0", "--disc", "contracts/**/*.sol", "test/contracts/**/*.sol"],
  },
  { name: "prettier", command: "prettier", args: ["--check", "contracts/**/*.sol", "test/**/*.sol"] },
  { name: "generated ABIs", command: process.execPath, args: ["scripts/generate/abi.ts", "--check"] },
  { name: "generated queries", command: process.execPath, args: ["scripts/generate/queries.ts", "--check"] },
  {
    name: "generated docs/spec/rpc.md",
    command: process.execPath,
    args: ["scripts/generate/rpc.ts", "--check"],
  },
  { name: "generated vectors", command: process.execPath, args: ["scripts/generate/vectors.ts", "--check"] },
  { name: "storage layout", command: process.execPath, args: ["scripts/check/storage-layout/main.ts"] },
  { name: "house rules", command: process.execPath, args: ["scripts/check/house.ts"] },
]);
