import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { estimateCost } from "#client/actions/estimate-cost.ts";
import { openSession } from "#client/actions/open-session.ts";
import { pickNodes } from "#client/actions/pick-nodes.ts";
import { runModule } from "#client/session/run.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import type { ComputeCommand } from "../cmds/compute.ts";
import { cliError } from "../errors.ts";
import { formatStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { writeOutput } from "../io/output-file.ts";
import { MAX_NODES, parseDelivery } from "./delivery.ts";
import { fileLaneStore } from "./lane-files.ts";
import { type Persona, personaOf } from "./persona.ts";
import { type RunAt, runInTurn } from "./run-in-turn.ts";
import { openSessionKey } from "./session.ts";

/** @throws ERR_USAGE, ERR_OUTPUT_FILE, ERR_NOT_DELIVERED, the codes of openSession and runModule */
export async function computeToFile(module: string, options: ComputeCommand): Promise<void> {
  const { hash, limits } = await parseDelivery(module, options);
  const { service, lane, maxMs } = options;
  const input = options.input === undefined ? new Uint8Array() : await readInput(options.input);
  const persona = await personaOf(options);
  const key = await openSessionKey(persona);
  const store = await fileLaneStore(join(persona.home.data, "lanes"));
  const commodity = COMMODITY.compute;
  const runAt: RunAt = async (nodeId, left, onMs) => {
    const session = await openSession(persona.node, {
      ...{ nodeId, account: persona.address, session: key, store, service, commodity, lane, ...limits },
    });
    return runModule(session, { module: hash, input, maxMs: left, onMs });
  };
  const nodes = options.node === undefined ? await everyNode(persona, service) : [options.node];
  const { result, nodeId } = await runInTurn(runAt, nodes, { module, maxMs });
  if (options.output === undefined) {
    process.stdout.write(result.output);
    return;
  }
  await writeOutput(options.output, result.output);
  const { ms, output } = result;
  const cost = await estimateCost(persona.node, { units: BigInt(ms), service, commodity });
  createOutput(options).data(
    { module, node: nodeId, ms, bytes: output.length, cost, output: options.output },
    [
      `${output.length} bytes from node ${nodeId} in ${options.output}, after ${ms} ms, for at most ${formatStable(cost)}`,
    ],
  );
}

/** Drawn by reputation, one after the other. */
async function everyNode({ node }: Persona, service: number): Promise<number[]> {
  const picked = await pickNodes(node, { service, count: MAX_NODES });
  return picked.map(({ nodeId }) => nodeId);
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw cliError("ERR_USAGE", `${path} cannot be read`, { path }, cause);
  }
}
