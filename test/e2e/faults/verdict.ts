import assert from "node:assert/strict";
import type { LocalNode } from "#cli/devnet/world.ts";
import { DoubleSigns } from "#test/simulation/support/double-signs.ts";
import type { Ledger } from "./ledger.ts";
import type { Load } from "./load.ts";
import type { FaultNetwork, TestContext } from "./network.ts";

const FOLLOWED_MS = 60_000;

/**
 * What holds after all faults, with every node running: one block per height on all nodes, nothing accepted is lost, no key signed
 * two payloads for one slot over all lives of its process, and none had a reason to stop but those in `stopped` (by node and code).
 */
export async function verdict(
  t: TestContext,
  network: FaultNetwork,
  { ledger, load, stopped = {} }: { ledger: Ledger; load: Load; stopped?: Record<string, string> },
): Promise<void> {
  await load.end();
  const height = await network.height();
  await network.until(
    `block ${height} with a certificate on all nodes`,
    async () => {
      await ledger.follow(network.nodes);
      return network.nodes.every((node) => ledger.count(node) > height) ? true : undefined;
    },
    FOLLOWED_MS,
  );
  const signs = new DoubleSigns();
  for (const node of network.nodes) {
    for (const message of network.signed(node)) signs.observe(node.nodeId, "consensus", message);
  }
  assert.deepEqual(signs.found, [], "one key signed two payloads for one slot");
  assert.ok(signs.headers > 0, "headers were recorded");
  assert.ok(load.accepted.length > 0, "transactions were accepted");
  for (const node of network.nodes) {
    for (const code of await fatals(network, node)) assert.equal(code, stopped[node.name], node.name);
  }
  t.diagnostic(
    `${height + 1} blocks the same on ${network.nodes.length} nodes, ${load.accepted.length} transactions accepted and committed, ` +
      `${signs.headers} headers, none signed twice; refusals: ${JSON.stringify(Object.fromEntries(load.refused))}`,
  );
}

/** Why it had to stop, over all lives of its process. */
async function fatals(network: FaultNetwork, node: LocalNode): Promise<string[]> {
  const lines = (await network.log(node)).split("\n").filter((line) => line.includes('"node.fatal"'));
  return lines.map((line) => (JSON.parse(line) as { code: string }).code);
}
