import { getAckConflicts } from "#client/actions/get-ack-conflicts.ts";
import { getSession } from "#client/actions/get-session.ts";
import type { FlkClient } from "#client/client.ts";
import { conflictSession, isAckConflict } from "#protocol/digests/ack-conflict.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { EvidenceCommand, VerifyEvidenceCommand } from "../cmds/evidence.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { cliError } from "../errors.ts";
import { parseBytes32 } from "../io/amounts.ts";
import { bytesField, bytesListField, readFields } from "../io/json-file.ts";
import { createOutput } from "../io/output.ts";
import { writeOutput } from "../io/output-file.ts";
import { table } from "../io/table.ts";
import { readerOf } from "./persona.ts";

const HEAD = [
  "EPOCH",
  "ACCOUNT",
  "AUTHORISED",
  "SESSION KEY",
  "DELEGATED TO",
  "NODE",
  "LANE",
  "COUNT",
  "UNITS",
];

/** `authorised`: whether the account did authorise the session key, as far as is known. */
function row(conflict: AckConflict, authorised: string): string[] {
  const { epoch, account, session, node, lane, count, units } = conflict.first.ack;
  const delegated = conflict.delegations.length > 0 ? toHex(session) : "-";
  const keys = [toHex(conflictSession(conflict)), delegated];
  const place = [String(epoch), toHex(account), authorised, ...keys, String(node), String(lane)];
  return [...place, String(count), `${units} and ${conflict.second.ack.units}`];
}

/** By the RPC's word, for each of `conflicts`. */
export async function areAuthorised(node: FlkClient, conflicts: readonly AckConflict[]): Promise<boolean[]> {
  const known = new Map<string, boolean>();
  const found: boolean[] = [];
  for (const conflict of conflicts) {
    const account = toHex(conflict.first.ack.account);
    const key = conflictSession(conflict);
    const name = account + toHex(key);
    const authorised = known.get(name) ?? (await getSession(node, { account, key })) !== undefined;
    known.set(name, authorised);
    found.push(authorised);
  }
  return found;
}

/**
 * Of the node that the configuration names; what does not prove anything is left out, and of the rest it says whether the chain, by that node's
 * word, knows the key as the account's.
 * @throws the RPC's codes
 */
export async function listEvidence(options: EvidenceCommand): Promise<void> {
  const home = resolveHome(options.home);
  const { node } = readerOf(home, await loadConfig(home));
  const { networkId } = node.network;
  const conflicts = (await getAckConflicts(node)).filter((conflict) => isAckConflict(networkId, conflict));
  const file = { network: toHex(networkId), conflicts: conflicts.map(encode) };
  const output = createOutput(options);
  if (options.output === undefined) {
    const authorised = await areAuthorised(node, conflicts);
    const rows = conflicts.map((conflict, i) => row(conflict, authorised[i] ? "yes" : "no"));
    output.data({ ...file, authorised }, table(HEAD, rows));
    return;
  }
  await writeOutput(options.output, `${JSON.stringify(file, null, 2)}\n`);
  output.data({ conflicts: conflicts.length, output: options.output }, [
    `${conflicts.length} in ${options.output}`,
  ]);
}

function encode(conflict: AckConflict): Hex {
  return toHex(AckConflict.serialize(conflict));
}

/**
 * What it says of keys; of accounts nothing is known without the chain. The network is what the file says, unless `--network` names it.
 * @throws ERR_USAGE, ERR_INPUT_FILE, ERR_EVIDENCE when one of them proves nothing, or the file is of another network
 */
export async function verifyEvidence(path: string, options: VerifyEvidenceCommand): Promise<void> {
  const fields = await readFields(path);
  const network = bytesField(fields, "network", 32);
  assertNetwork(path, network, options.network);
  const networkId = fromHex(network);
  const found = bytesListField(fields, "conflicts").map((bytes, at) => read(path, bytes, at));
  for (const [at, conflict] of found.entries()) {
    if (isAckConflict(networkId, conflict)) continue;
    throw cliError("ERR_EVIDENCE", `${path}: conflict ${at} proves nothing on this network`, { path, at });
  }
  const rows = found.map((conflict) => [...row(conflict, "not checked"), network]);
  const result = { network, conflicts: found.length, accounts: "claimed, not checked" };
  createOutput(options).data(result, table([...HEAD, "NETWORK"], rows));
}

function assertNetwork(path: string, network: Hex, expected: string | undefined): void {
  if (expected === undefined || parseBytes32(expected, "a network's id") === network) return;
  const message = `${path}: is of network ${network}`;
  throw cliError("ERR_EVIDENCE", message, { path, network });
}

function read(path: string, bytes: Hex, at: number): AckConflict {
  try {
    return decode(AckConflict, fromHex(bytes));
  } catch (cause) {
    if (!isFlkError(cause)) throw cause;
    throw cliError(
      "ERR_INPUT_FILE",
      `${path}: conflict ${at} is not the encoding of one`,
      { path, at },
      cause,
    );
  }
}
