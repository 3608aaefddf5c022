import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The folder of one persona on this machine: config.toml, keystore/, protection/, data/ (DESIGN §10). */
export interface Home {
  root: string;
  config: string;
  keystore: string;
  protection: string;
  data: string;
}

/** `--home`, else FLK_HOME, else ~/.flk. */
export function resolveHome(option?: string, env: NodeJS.ProcessEnv = process.env): Home {
  const root = resolve(option ?? env.FLK_HOME ?? join(homedir(), ".flk"));
  return {
    root,
    config: join(root, "config.toml"),
    keystore: join(root, "keystore"),
    protection: join(root, "protection"),
    data: join(root, "data"),
  };
}
