import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import hardhatIgnitionViem from "@nomicfoundation/hardhat-ignition-viem";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { defineConfig } from "hardhat/config";
import { plainTests } from "./scripts/deploy/plain-tests.ts";
import { quietDependencies } from "./scripts/deploy/quiet-dependencies.ts";

const require = createRequire(import.meta.url);

/** `npm run fuzz:long` walks for hours what every test run walks for a minute, from another seed each time. */
const long = process.env.FLK_FUZZ === "long";
const fuzzing = {
  fuzz: long
    ? { runs: 20_000, seed: `0x${randomBytes(8).toString("hex")}` }
    : { runs: 128, seed: "0x666c6b" },
  invariant: { runs: long ? 5_000 : 256, depth: long ? 256 : 64, failOnRevert: true },
};

export default defineConfig({
  plugins: [hardhatViem, hardhatIgnitionViem, quietDependencies, plainTests],
  paths: {
    sources: "./contracts",
    tests: { solidity: "./test/contracts" },
    ignition: "./artifacts/ignition",
  },
  solidity: {
    version: "0.8.37",
    splitTestsCompilation: true,
    // The npm compiler: without a path Hardhat would download one.
    path: require.resolve("solc/soljson.js"),
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol",
    ],
    settings: {
      evmVersion: "prague",
      optimizer: { enabled: true, runs: 1_000 },
      outputSelection: { "*": { "*": ["storageLayout"] } },
    },
  },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "prague" },
  },
  test: {
    solidity: fuzzing,
  },
});
