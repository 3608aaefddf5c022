import { type Command, InvalidArgumentError, Option } from "commander";
import { isHttpUrl } from "../config/fields.ts";
import { cliError } from "../errors.ts";

/** Options that most commands share. */
export interface CommonOptions {
  home?: string;
  passwordFile?: string;
  json?: boolean;
}

export function withHome(command: Command): Command {
  return command.option(
    "--home <dir>",
    "folder with config.toml and keystore/ (default: FLK_HOME or ~/.flk)",
  );
}

export function withPassword(command: Command): Command {
  return command.option("--password-file <file>", "keystore password (default: FLK_PASSWORD, or asked)");
}

export function withJson(command: Command): Command {
  return command.option("--json", "print one JSON line on stdout");
}

export function withAll(command: Command): Command {
  return withJson(withPassword(withHome(command)));
}

/** For commands that make keys. */
export function lightOption(): Option {
  return new Option("--light", "weak key derivation, for play money only").hideHelp();
}

/** For commands on a node that may be another one than this keystore's. */
export interface NodeOptions extends CommonOptions {
  node?: number;
}

export function withNode(command: Command): Command {
  return withNodeOption(withAll(command));
}

export function withNodeOption(command: Command): Command {
  return command.option(
    "--node <id>",
    "the node (default: the one whose consensus key is in this keystore)",
    wholeNumber(1, 2 ** 24 - 1),
  );
}

/** An option value that is a whole number in a range. */
export function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new InvalidArgumentError(`It must be a whole number, ${min} to ${max}.`);
    }
    return number;
  };
}

/** For a repeatable option. */
export function httpUrls(option: string): (value: string, before: string[] | undefined) => string[] {
  const parse = httpUrl(option);
  return (value, before) => [...(before ?? []), parse(value)];
}

/** Says of a value that is none which `option` it is of, but not the value: there may be a key in it. */
export function httpUrl(option: string): (value: string) => string {
  return (value) => {
    if (!isHttpUrl(value)) throw cliError("ERR_USAGE", `${option} must be an http or https URL`, { option });
    return value;
  };
}

export const portNumber: (value: string) => number = wholeNumber(1, 65_535);

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}
