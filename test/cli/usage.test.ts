import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Command } from "commander";
import { buildProgram } from "#cli/program.ts";
import { flk, temporaryFolder } from "./support.ts";

const COMMANDS = [
  "devnet",
  "keys create",
  "keys show",
  "node init",
  "node register",
  "node run",
  "node show",
  "node status",
  "node rotate-keys",
  "node rotate-network-key",
  "node announce",
  "node set-operator",
  "node set-payee",
  "node opt-in",
  "node opt-out",
  "node protection export",
  "node protection import",
  "stake",
  "lock",
  "slash",
  "unstake request",
  "unstake list",
  "unstake cancel",
  "unstake withdraw",
  "topup",
  "auction bid",
  "auction close",
  "auction open",
  "auction show",
  "authorization sign",
  "authorization submit",
  "balance",
  "price",
  "withdraw",
  "activate",
  "claim",
  "claim-to",
  "freeze",
  "escape",
  "session authorize",
  "session delegate",
  "session revoke",
  "session rotate",
  "evidence list",
  "evidence verify",
  "fetch",
  "compute",
  "content add",
  "indexer run",
  "indexer serve",
  "indexer prune",
  "watch",
  "faucet",
  "deploy",
  "gov propose",
  "gov vote",
  "gov delegate",
  "gov queue",
  "gov execute",
  "gov list",
  "gov show",
  "service register",
  "service list",
  "service set-price",
];

function leaves(command: Command, path: string[] = []): string[] {
  if (command.commands.length === 0) return [path.join(" ")];
  return command.commands.flatMap((inner) => leaves(inner, [...path, inner.name()]));
}

test("every command has help with an example, and asking for it succeeds", async () => {
  assert.deepEqual(leaves(buildProgram()).sort(), [...COMMANDS].sort());
  for (const command of COMMANDS) {
    let text = "";
    const program = buildProgram();
    const names = command.split(" ");
    let inner = program;
    for (const name of names) {
      const next = inner.commands.find((entry) => entry.name() === name);
      assert.ok(next, command);
      inner = next;
    }
    inner.configureOutput({ writeOut: (part) => (text += part) });
    const asked = program.parseAsync([...names, "--help"], { from: "user" });
    await assert.rejects(asked, { code: "commander.helpDisplayed", exitCode: 0 });
    assert.match(text, /Usage: flk /, command);
    assert.match(text, /Examples:\n {2}\$ .*flk /, command);
  }
});

for (const args of [["--help"], ["node", "--help"], ["fetch", "--help"], ["--version"]]) {
  test(`flk ${args.join(" ")} ends with 0 and prints on stdout alone`, async () => {
    const { code, stdout, stderr } = await flk(args);
    assert.equal(code, 0);
    assert.match(stdout, args.includes("--help") ? /^Usage: flk / : /^\d+\.\d+\.\d+\n$/);
    assert.equal(stderr, "");
  });
}

const WRONG: [args: string[], message: RegExp][] = [
  [["fly"], /^error ERR_USAGE: unknown command 'fly'/],
  [["keys", "fly"], /^error ERR_USAGE: unknown command 'fly'/],
  [["devnet", "--fast"], /^error ERR_USAGE: unknown option '--fast'/],
  [["devnet", "--epochs", "some"], /^error ERR_USAGE: option '--epochs <n>' argument 'some' is invalid/],
  [["stake"], /^error ERR_USAGE: missing required argument 'flk'/],
  [["topup", "1", "2"], /^error ERR_USAGE: too many arguments/],
  [["keys", "create", "--for", "nobody"], /^error ERR_USAGE: option '--for <persona>' argument 'nobody'/],
];

for (const [args, message] of WRONG) {
  test(`flk ${args.join(" ")} ends with 2 and says what is wrong`, async () => {
    const { code, stdout, stderr } = await flk(args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, message);
  });
}

test("keys are made, private on disk, and shown without a password", async (t) => {
  const home = await temporaryFolder(t);
  const env = { FLK_HOME: home, FLK_PASSWORD: "correct horse" };
  const made = await flk(["keys", "create", "--light", "--json"], env);
  assert.equal(made.code, 0, made.stderr);
  for (const file of await readdir(join(home, "keystore"))) {
    assert.equal((await stat(join(home, "keystore", file))).mode & 0o777, 0o600, file);
  }
  const shown = await flk(["keys", "show", "--json"], { FLK_HOME: home });
  assert.equal(shown.code, 0, shown.stderr);
  const keys = JSON.parse(made.stdout) as Record<string, string>;
  for (const [name, value] of Object.entries(JSON.parse(shown.stdout) as Record<string, string>)) {
    assert.equal(value.toLowerCase(), keys[name]?.toLowerCase(), name);
  }
  const again = await flk(["keys", "create", "--light"], env);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error ERR_KEYSTORE_EXISTS: /);
});

test("without a password and without a terminal the error says how to give one", async (t) => {
  const { code, stderr } = await flk(["keys", "create"], { FLK_HOME: await temporaryFolder(t) });
  assert.equal(code, 1);
  assert.match(stderr, /^error ERR_PASSWORD_MISSING: .*FLK_PASSWORD.*--password-file/);
});

test("--debug adds the stack, nothing else does", async (t) => {
  const env = { FLK_HOME: await temporaryFolder(t) };
  const plain = await flk(["keys", "show"], env);
  assert.match(plain.stderr, /^error ERR_KEYSTORE_MISSING: [^\n]*\n$/);
  const debug = await flk(["keys", "show", "--debug"], env);
  assert.match(debug.stderr, /\n\s+at /);
});
