import { Command, CommanderError } from "commander";
import { hostsOnly } from "#protocol/errors/hosts-only.ts";
import { registerAuction } from "./cmds/auction.ts";
import { registerCompute } from "./cmds/compute.ts";
import { registerContent } from "./cmds/content.ts";
import { registerDeploy } from "./cmds/deploy.ts";
import { registerDevnet } from "./cmds/devnet.ts";
import { registerEvidence } from "./cmds/evidence.ts";
import { registerFaucet } from "./cmds/faucet.ts";
import { registerFetch } from "./cmds/fetch.ts";
import { registerGov } from "./cmds/gov.ts";
import { registerIndexer } from "./cmds/indexer.ts";
import { registerKeys } from "./cmds/keys.ts";
import { registerMoney } from "./cmds/money.ts";
import { registerNode } from "./cmds/node.ts";
import { registerProtection } from "./cmds/protection.ts";
import { registerService } from "./cmds/service.ts";
import { registerSession } from "./cmds/session.ts";
import { registerStake } from "./cmds/stake.ts";
import { registerWatch } from "./cmds/watch.ts";
import { errorLine, isUsageError } from "./errors.ts";
import { stdoutTaken } from "./io/standard-streams.ts";
import { VERSION } from "./version.ts";

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

export function buildProgram(): Command {
  const program = new Command("flk")
    .description("The Fleek Network protocol: run nodes, stake, fetch, pay, claim")
    .version(VERSION, "--version", "print the version")
    .option("--debug", "print the stack of a failure")
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(hostsOnly(usageError(text))),
    })
    .showHelpAfterError("(--help shows what there is)");
  registerDevnet(program);
  registerKeys(program);
  registerNode(program);
  registerProtection(program);
  registerEvidence(program);
  registerStake(program);
  registerMoney(program);
  registerSession(program);
  registerFetch(program);
  registerCompute(program);
  registerContent(program);
  registerIndexer(program);
  registerWatch(program);
  registerAuction(program);
  registerFaucet(program);
  registerDeploy(program);
  registerGov(program);
  registerService(program);
  return program;
}

/** Runs one command line. Resolves with the exit code: 0, 1 (a coded failure on stderr), 2 (wrong usage). */
export async function run(argv: string[]): Promise<number> {
  const program = buildProgram();
  const code = await exitCodeOf(program, () => program.parseAsync(argv, { from: "user" }));
  const taken = await exitCodeOf(program, stdoutTaken);
  return code === EXIT.ok ? taken : code;
}

async function exitCodeOf(program: Command, task: () => Promise<unknown>): Promise<number> {
  try {
    await task();
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(error);
    process.stderr.write(`${errorLine(error)}\n`);
    if (program.opts<{ debug?: boolean }>().debug && error instanceof Error) {
      process.stderr.write(`${hostsOnly(stackOf(error))}\n`);
    }
    return isUsageError(error) ? EXIT.usage : EXIT.failed;
  }
}

/** An unknown option is said without its value, which may be a secret. */
function usageError(text: string): string {
  return text
    .replace(/^error: /, "error ERR_USAGE: ")
    .replace(/unknown option '(--[^'=\s]*|-[^-])[\s\S]*'/, "unknown option '$1'");
}

function usageExit(error: CommanderError): number {
  return error.code === "commander.helpDisplayed" || error.code === "commander.version"
    ? EXIT.ok
    : EXIT.usage;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
