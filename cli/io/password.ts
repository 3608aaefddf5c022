import { readFile } from "node:fs/promises";
import { cliError } from "../errors.ts";

const CTRL_C = "\u0003";
const BACKSPACE = "\u007f";

/**
 * The keystore password: `--password-file`, else FLK_PASSWORD, else asked on the terminal.
 * @throws ERR_PASSWORD_MISSING, ERR_INTERRUPTED
 */
export async function readPassword(
  passwordFile: string | undefined,
  options: { confirm?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const env = options.env ?? process.env;
  if (passwordFile !== undefined) return fromFile(passwordFile);
  if (env.FLK_PASSWORD !== undefined && env.FLK_PASSWORD !== "") return env.FLK_PASSWORD;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw cliError(
      "ERR_PASSWORD_MISSING",
      "the keystore password is missing: set FLK_PASSWORD, or give --password-file, or run on a terminal",
    );
  }
  const password = await ask("Keystore password: ");
  if (password === "") throw cliError("ERR_PASSWORD_MISSING", "the keystore password is empty");
  if (options.confirm && (await ask("Once more: ")) !== password) {
    throw cliError("ERR_PASSWORD_MISSING", "the two passwords differ");
  }
  return password;
}

async function fromFile(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw cliError("ERR_PASSWORD_MISSING", `cannot read the password file ${path}`, { path }, cause);
  }
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw cliError("ERR_PASSWORD_MISSING", `the password file ${path} is empty`, { path });
  return password;
}

/** Reads a line without showing it. */
function ask(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const finish = (act: () => void): void => {
      stdin.off("data", onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      act();
    };
    const onData = (chunk: string): void => {
      for (const key of chunk) {
        if (key === "\r" || key === "\n") {
          finish(() => resolve(typed));
          return;
        }
        if (key === CTRL_C) {
          finish(() => reject(cliError("ERR_INTERRUPTED", "interrupted")));
          return;
        }
        typed = key === BACKSPACE ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.on("data", onData);
  });
}
