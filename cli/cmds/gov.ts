import { type Command, InvalidArgumentError } from "commander";
import type { ProposeOptions } from "../actions/governance.ts";
import { type CommonOptions, examples, withAll, withHome, withJson } from "./options.ts";

const VOTES = ["for", "against", "abstain"] as const;
type Vote = (typeof VOTES)[number];

export function registerGov(program: Command): void {
  const gov = program.command("gov").description("propose, vote on and carry out changes of the network");
  registerPropose(gov);
  registerVote(gov);

  withAll(gov.command("queue"))
    .description("hand a proposal that succeeded to the timelock")
    .argument("<id>", "of the proposal, or the beginning of it")
    .addHelpText("after", examples("flk gov queue 0x3fa2"))
    .action(async (id: string, options: CommonOptions) => {
      const { queue } = await import("../actions/governance.ts");
      await queue(id, options);
    });

  withAll(gov.command("execute"))
    .description("carry out a queued proposal once the timelock's delay has passed")
    .argument("<id>", "of the proposal, or the beginning of it")
    .addHelpText("after", examples("flk gov execute 0x3fa2"))
    .action(async (id: string, options: CommonOptions) => {
      const { execute } = await import("../actions/governance.ts");
      await execute(id, options);
    });

  withJson(withHome(gov.command("list")))
    .description("show all proposals, newest first")
    .addHelpText("after", examples("flk gov list", "flk gov list --json"))
    .action(async (options: CommonOptions) => {
      const { listProposals } = await import("../actions/governance.ts");
      await listProposals(options);
    });

  withJson(withHome(gov.command("show")))
    .description("show a proposal: its calls, state, votes and times")
    .argument("<id>", "of the proposal, or the beginning of it")
    .addHelpText("after", examples("flk gov show 0x3fa2", "flk gov show 0x3fa2 --json"))
    .action(async (id: string, options: CommonOptions) => {
      const { showProposal } = await import("../actions/governance.ts");
      await showProposal(id, options);
    });
}

function registerPropose(gov: Command): void {
  withAll(gov.command("propose"))
    .description("put calls to the vote; they are checked against the contracts")
    .option("--description <text>", "what it is for; the first line is its title")
    .option("--call <words...>", "one call: CONTRACT.function and its arguments, lists and structs as JSON")
    .option("--file <file>", 'many: JSON, {"description": "…", "calls": [{"call": "…", "args": […]}]}')
    .addHelpText(
      "after",
      examples(
        'flk gov propose --description "Stake more" --call parameters.setMinStake 2000000000000000000000',
        "flk gov propose --description 'A new vault' --call vault.upgradeToAndCall 0x5FbD…0aa3 0x",
        "flk gov propose --file proposal.json",
      ),
    )
    .action(async (options: ProposeOptions) => {
      const { propose } = await import("../actions/governance.ts");
      await propose(options);
    });
}

function registerVote(gov: Command): void {
  withAll(gov.command("vote"))
    .description("vote with the FLK and the stake that the owner key had when the vote began")
    .argument("<id>", "of the proposal, or the beginning of it")
    .argument("<vote>", VOTES.join(", "), voteOf)
    .option("--reason <text>", "published with the vote")
    .addHelpText(
      "after",
      examples("flk gov vote 0x3fa2 for", 'flk gov vote 0x3fa2 against --reason "too much"'),
    )
    .action(async (id: string, choice: Vote, options: CommonOptions & { reason?: string }) => {
      const { vote } = await import("../actions/governance.ts");
      await vote(id, choice, options);
    });

  withAll(gov.command("delegate"))
    .description(
      "let an account vote with this key's FLK and stake; FLK that is not delegated counts for nobody",
    )
    .argument("[address]", "default: the owner key itself")
    .addHelpText(
      "after",
      examples("flk gov delegate", "flk gov delegate 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    )
    .action(async (address: string | undefined, options: CommonOptions) => {
      const { delegate } = await import("../actions/governance.ts");
      await delegate(address, options);
    });
}

function voteOf(text: string): Vote {
  const vote = VOTES.find((known) => known === text);
  if (!vote) throw new InvalidArgumentError(`It must be one of ${VOTES.join(", ")}.`);
  return vote;
}
