import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatUserConfig } from "hardhat/types/config";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import userConfig from "../../hardhat.config.ts";

/** Root of the repository, absolute. */
export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const ATTEMPTS = 3;

/** Hardhat on this project wherever the process runs; `overrides` replace top-level keys of the configuration. */
export function projectHardhat(overrides: HardhatUserConfig = {}): Promise<HardhatRuntimeEnvironment> {
  return createHardhatRuntimeEnvironment({ ...userConfig, ...overrides }, {}, ROOT);
}

/**
 * Compiles `contracts/` (no tests) where artifacts are missing or stale; a no-op of well under a second otherwise. Several processes may do so
 * at once.
 */
export async function buildContracts(hre: HardhatRuntimeEnvironment): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await hre.tasks.getTask("build").run({ noTests: true, quiet: true });
      return;
    } catch (error) {
      // Hardhat keeps its cache through one temporary file: another process has just renamed it. The artifacts are there.
      if (attempt === ATTEMPTS || !lostTheCache(error)) throw error;
    }
  }
}

function lostTheCache(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, path } = at as NodeJS.ErrnoException;
    if (code === "ENOENT" && path?.endsWith("compile-cache.json.tmp")) return true;
  }
  return false;
}
