import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { parse, stringify, TomlError } from "smol-toml";
import { cliError } from "../errors.ts";
import type { Home } from "./home.ts";
import { CONFIG, type Config } from "./schema.ts";

/** @throws ERR_CONFIG naming the key (or the line of a syntax error) */
export function parseConfig(toml: string, path: string): Config {
  let value: unknown;
  try {
    value = parse(toml);
  } catch (cause) {
    const at = cause instanceof TomlError ? `:${cause.line}:${cause.column}` : "";
    // the parser's message quotes the lines, so it is not passed on
    throw cliError("ERR_CONFIG", `${path}${at}: is not valid TOML`, { path });
  }
  return CONFIG.parse(value, "");
}

/** @throws ERR_CONFIG_MISSING, ERR_CONFIG */
export async function loadConfig(home: Home): Promise<Config> {
  let toml: string;
  try {
    toml = await readFile(home.config, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw cliError("ERR_CONFIG_MISSING", `${home.config} is not there; flk node init writes one`, {
        path: home.config,
      });
    }
    throw cliError("ERR_CONFIG", `${home.config} cannot be read`, { path: home.config }, cause);
  }
  return parseConfig(toml, home.config);
}

/**
 * Writes config.toml (0600) after checking that it would load.
 * @throws ERR_CONFIG, ERR_CONFIG_EXISTS unless `force`
 */
export async function writeConfig(home: Home, value: object, force = false): Promise<Config> {
  const toml = stringify(value);
  const config = parseConfig(toml, home.config);
  if (!force && existsSync(home.config)) {
    throw cliError("ERR_CONFIG_EXISTS", `${home.config} is there already; --force replaces it`, {
      path: home.config,
    });
  }
  await mkdir(home.root, { recursive: true, mode: 0o700 });
  await writeFile(home.config, toml, { mode: 0o600 });
  return config;
}
