import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { parseConfig } from "#cli/config/load.ts";
import { errorLine } from "#cli/errors.ts";
import { CONTRACTS, flk, nodeHome, PASSWORD, temporaryFolder } from "./support.ts";

/** URLs that cannot be used; all of "hidden…" are secrets. */
const UNUSABLE = [
  "htps://hidden-user:hidden-word@l2.example/v2/hidden-path?key=hidden-query",
  "https://hidden-user:hidden/word@l2.example/v2/hidden-path",
  "https://hidden-user:hid'hidden@l2.example:x/hidden-path",
  "hidden-user:hidden-word@l2.example/hidden-path",
];

/** With the stack and what caused it. */
async function shown(args: string[], env: Record<string, string>, message: RegExp, exit = 1): Promise<void> {
  const { code, stdout, stderr } = await flk(["--debug", ...args], env);
  assert.match(stderr, message);
  assert.equal(code, exit, stderr);
  assert.doesNotMatch(stdout + stderr, /hidden/, args.join(" "));
}

/** Of a configuration alone: a process for each is slow. */
function refused(toml: string, message: RegExp): void {
  assert.throws(
    () => parseConfig(toml, "config.toml"),
    (error) => {
      assert.match(errorLine(error), message);
      assert.doesNotMatch(inspect(error), /hidden/);
      return true;
    },
  );
}

test("a URL of an option that cannot be used is not shown, only the option", async (t) => {
  const env = { FLK_HOME: await temporaryFolder(t) };
  for (const url of UNUSABLE) {
    for (const args of [
      ["node", "init", "--deployment", "x", "--rpc-url", url],
      ["deploy", "--rpc-url", url],
    ]) {
      await shown(args, env, /^error ERR_USAGE: .*--rpc-url.* must be an http or https URL/, 2);
    }
    await shown(["watch", `--node-rpc-url=${url}`], env, /^error ERR_USAGE: .*--node-rpc-url/, 2);
    await shown(["deploy", `--rpc-ulr=${url}`], env, /^error ERR_USAGE: unknown option '--rpc-ulr/, 2);
  }
  await shown([UNUSABLE[0] as string], env, /^error ERR_USAGE: unknown command/, 2);
  await shown(["deploy", "--nope=two\nlines hidden"], env, /^error ERR_USAGE: unknown option '--nope'/, 2);
  await shown(["deploy", "-Khidden"], env, /^error ERR_USAGE: unknown option '-K'/, 2);
});

test("a URL of the configuration or the environment that cannot be used is not shown, only the setting", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const env = { FLK_HOME: home.root, FLK_PASSWORD: PASSWORD };
  const toml = await readFile(home.config, "utf8");
  for (const url of UNUSABLE) {
    refused(
      toml.replace('"http://127.0.0.1:9"', `"${url}"`),
      /ERR_CONFIG: l2\.rpc_urls\[0\]: must be an http/,
    );
    const database = toml.replace("[indexer]", `[indexer]\ndatabase_url = "${url}"`);
    refused(database, /ERR_CONFIG: indexer\.database_url: must be a postgres/);
    await shown(
      ["indexer", "run"],
      { ...env, DATABASE_URL: url },
      /^error ERR_CONFIG: DATABASE_URL: must be a/,
    );
  }
});

test("no line of a configuration that is no TOML is shown, only where it broke", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const toml = await readFile(home.config, "utf8");
  for (const line of [
    'rpc_urls = ["https://l2.example/v2/hidden-path',
    "database_url = postgres://hidden-user:hidden-word@db.example/hidden",
    "hidden-user:hidden-word@l2.example",
  ]) {
    refused(`${line}\n${toml}`, /ERR_CONFIG: config\.toml:1:\d+: is not valid TOML/);
    await writeFile(home.config, `${line}\n${toml}`);
    await shown(["balance"], { FLK_HOME: home.root }, /^error ERR_CONFIG: .*toml:1:\d+: is not valid TOML/);
  }
});

test("no text of a file that is no JSON is shown", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const file = join(home.root, "hid.json");
  await writeFile(file, '{"a": hidden-word}');
  const env = { FLK_HOME: home.root };
  const init = ["node", "init", "--rpc-url", "http://127.0.0.1:9", "--deployment", file];
  await shown(init, env, /^error ERR_CONFIG: .*hid\.json cannot be read as a deployment/);
  await shown(["slash", file], env, /^error ERR_INPUT_FILE: .*cannot be read as JSON/);
  await shown(["deploy", "--network", file], env, /^error ERR_DEPLOY_PARAMETERS: .*is not JSON/);
});

test("a database that does not answer is named by its host alone", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  for (const word of ["hidden-word", "hidden%ZZ", "hidden@word"]) {
    const url = `postgres://hidden-user:${word}@127.0.0.1:9/hidden-database?application_name=hidden`;
    const env = { FLK_HOME: home.root, DATABASE_URL: url };
    await shown(
      ["indexer", "prune"],
      env,
      /^error ERR_DATABASE: the database at 127\.0\.0\.1:9 does not work/,
    );
  }
});

test("a deployment whose contracts are no addresses shows none of its texts", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "deployment.json");
  const contracts = { ...CONTRACTS, flk: "https://l2.example/hidden-path" };
  await writeFile(file, JSON.stringify({ chainId: 31_337, deployBlock: 0, contracts }));
  const args = ["node", "init", "--rpc-url", "http://127.0.0.1:9", "--deployment", file];
  await shown(
    args,
    { FLK_HOME: join(folder, "home") },
    /^error ERR_CONFIG: l2\.contracts\.flk: must be a 0x/,
  );
});
