import { castVote, type Vote } from "#client/actions/cast-vote.ts";
import { delegateVotes } from "#client/actions/delegate-votes.ts";
import { executeProposal } from "#client/actions/execute-proposal.ts";
import { getProposals, type Proposal } from "#client/actions/get-proposals.ts";
import type { L2Receipt } from "#client/actions/l2-client.ts";
import { type GovernanceCall, propose as sendProposal } from "#client/actions/propose.ts";
import { queueProposal } from "#client/actions/queue-proposal.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { cliError } from "../errors.ts";
import { describeCall, encodeCall, type WrittenCall } from "../governance/calls.ts";
import { requireContract } from "../governance/contracts.ts";
import { readProposalFile } from "../governance/proposal-file.ts";
import { proposalId, proposalLines, proposalRow, proposalView, ROW_HEADING } from "../governance/show.ts";
import { parseAddress } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { table } from "../io/table.ts";
import { openReader, type Persona, personaOf, type Reader } from "./persona.ts";

export interface ProposeOptions extends CommonOptions {
  description?: string;
  file?: string;
  call?: string[];
}

/** @throws ERR_CONFIG when the configuration does not name the governor */
async function reader(options: CommonOptions): Promise<Reader> {
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  requireContract(config.l2.contracts, "governor");
  return openReader(home, config);
}

async function governing(options: CommonOptions): Promise<Persona> {
  const persona = await personaOf(options);
  requireContract(persona.config.l2.contracts, "governor");
  return persona;
}

/** Sends a proposal and says what it is. @throws ERR_L2_REVERTED */
export async function proposeCalls(
  persona: Persona,
  { calls, description }: { calls: GovernanceCall[]; description: string },
  options: CommonOptions,
): Promise<void> {
  const { id, txHash } = await sendProposal(persona.l2, { calls, description });
  const { contracts } = persona.config.l2;
  const described = calls.map((call) => describeCall(contracts, call));
  createOutput(options).data({ id: proposalId(id), description, calls: described, txHash }, [
    `proposed ${proposalId(id)}: ${description}`,
    ...described.map((call) => `  ${call}`),
  ]);
}

export async function propose(options: ProposeOptions): Promise<void> {
  const { written, description } = await writtenProposal(options);
  const persona = await governing(options);
  const calls = written.map((call) => encodeCall(persona.config.l2.contracts, call));
  await proposeCalls(persona, { calls, description }, options);
}

async function writtenProposal({
  file,
  call,
  description,
}: ProposeOptions): Promise<{ written: WrittenCall[]; description: string }> {
  if ((file === undefined) === (call === undefined)) {
    throw cliError("ERR_USAGE", "a proposal is made of --file or of --call, one of them");
  }
  const [name = "", ...args] = call ?? [];
  const read = file === undefined ? undefined : await readProposalFile(file);
  const text = description ?? read?.description;
  if (!text) throw cliError("ERR_USAGE", "a proposal needs --description, or a description in its file");
  return { written: read?.calls ?? [{ call: name, args }], description: text };
}

export async function vote(
  prefix: string,
  choice: Vote,
  options: CommonOptions & { reason?: string },
): Promise<void> {
  const persona = await governing(options);
  const { id } = await findProposal(persona, prefix);
  const { txHash } = await castVote(persona.l2, { id, vote: choice, reason: options.reason ?? "" });
  createOutput(options).data({ id: proposalId(id), vote: choice, txHash }, [
    `voted ${choice} on ${proposalId(id)}`,
  ]);
}

/** Hands a successful proposal on: to the timelock, or from it to what it calls. */
async function advance(
  prefix: string,
  options: CommonOptions,
  step: { done: string; send(persona: Persona, proposal: Proposal): Promise<L2Receipt> },
): Promise<void> {
  const persona = await governing(options);
  const proposal = await findProposal(persona, prefix);
  const { txHash } = await step.send(persona, proposal);
  const after = await findProposal(persona, prefix);
  createOutput(options).data({ ...proposalView(persona.config, after), txHash }, [
    `${step.done} ${proposalId(proposal.id)}`,
    ...(after.eta === undefined
      ? []
      : [`it can be executed from ${new Date(Number(after.eta) * 1_000).toISOString()}`]),
  ]);
}

export function queue(prefix: string, options: CommonOptions): Promise<void> {
  return advance(prefix, options, {
    done: "queued",
    send: ({ l2 }, proposal) => queueProposal(l2, proposal),
  });
}

export function execute(prefix: string, options: CommonOptions): Promise<void> {
  return advance(prefix, options, {
    done: "executed",
    send: ({ l2 }, proposal) => executeProposal(l2, proposal),
  });
}

export async function delegate(address: string | undefined, options: CommonOptions): Promise<void> {
  const named = address === undefined ? undefined : parseAddress(address);
  const persona = await governing(options);
  const to = named ?? persona.address;
  const receipts = await delegateVotes(persona.l2, { to });
  createOutput(options).data({ to, txHashes: receipts.map(({ txHash }) => txHash) }, [
    `the votes of ${persona.address}, held and staked, are ${to}'s from now on`,
  ]);
}

export async function listProposals(options: CommonOptions): Promise<void> {
  const open = await reader(options);
  const proposals = await allProposals(open);
  const rows = table(
    ROW_HEADING,
    proposals.map((proposal) => proposalRow(proposal)),
  );
  createOutput(options).data(
    proposals.map((proposal) => proposalView(open.config, proposal)),
    proposals.length > 0 ? rows : ["no proposals"],
  );
}

export async function showProposal(prefix: string, options: CommonOptions): Promise<void> {
  const open = await reader(options);
  const proposal = await findProposal(open, prefix);
  createOutput(options).data(proposalView(open.config, proposal), proposalLines(open.config, proposal));
}

function allProposals({ l2, config }: Reader): Promise<Proposal[]> {
  return getProposals(l2, { fromBlock: BigInt(config.l2.deploy_block) });
}

/** By its id in hex, or the beginning of it. @throws ERR_PROPOSAL_ID */
async function findProposal(open: Reader, prefix: string): Promise<Proposal> {
  const wanted = prefix.toLowerCase();
  const found = (await allProposals(open)).filter(({ id }) => proposalId(id).startsWith(wanted));
  const [proposal] = found;
  if (proposal && found.length === 1) return proposal;
  const what = proposal ? `${prefix} begins several proposals` : `there is no proposal ${prefix}`;
  throw cliError("ERR_PROPOSAL_ID", what, { prefix });
}
