import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import userConfig from "../../../hardhat.config.ts";

/**
 * Runs the Solidity tests with coverage. Its own artifacts: instrumented contracts must never be those that a deployment
 * finds. Hardhat writes the report to coverage/lcov.info.
 */
const paths = { ...userConfig.paths, artifacts: "./coverage/artifacts", cache: "./coverage/cache" };
const config = { ...userConfig, paths, coverage: { skipFiles: ["contracts/mocks/**"] } };
const hre = await createHardhatRuntimeEnvironment(config, { coverage: true }, ROOT);
await hre.tasks.getTask(["test", "solidity"]).run({});
