import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatUserConfig } from "hardhat/types/config";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import userConfig from "../../hardhat.config.ts";

/** Root of the repository, absolute. */
export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Hardhat on this project wherever the process runs; `overrides` replace top-level keys of the configuration. */
export function projectHardhat(overrides: HardhatUserConfig = {}): Promise<HardhatRuntimeEnvironment> {
  return createHardhatRuntimeEnvironment({ ...userConfig, ...overrides }, {}, ROOT);
}

/** Compiles `contracts/` (no tests) where artifacts are missing or stale; a no-op of well under a second otherwise. */
export async function buildContracts(hre: HardhatRuntimeEnvironment): Promise<void> {
  await hre.tasks.getTask("build").run({ noTests: true, quiet: true });
}
