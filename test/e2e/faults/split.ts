import type { LocalNode } from "#cli/devnet/world.ts";
import type { FaultNetwork } from "./network.ts";

/** ms without a new block after which a side has ordered what it had: several times the longest round */
const QUIET_MS = 8_000;
const SETTLED_MS = 60_000;

/** Two sides: members of the committee as `minorityOf` says, with every second follower, and the rest. */
export async function split(
  network: FaultNetwork,
  minorityOf: (members: LocalNode[]) => LocalNode[],
): Promise<{ majority: LocalNode[]; minority: LocalNode[] }> {
  const members = await network.members();
  const chosen = new Set(minorityOf(members));
  const followers = network.nodes.filter((node) => !members.includes(node));
  for (const [i, follower] of followers.entries()) if (i % 2 === 0) chosen.add(follower);
  return {
    majority: network.nodes.filter((node) => !chosen.has(node)),
    minority: network.nodes.filter((node) => chosen.has(node)),
  };
}

/** Waits until none of `nodes` orders anything any more. @throws ERR_DEVNET_TIMEOUT */
export async function settled(network: FaultNetwork, nodes: readonly LocalNode[]): Promise<void> {
  let seen = -1;
  let since = Date.now();
  const check = async (): Promise<true | undefined> => {
    const height = await network.height(nodes);
    if (height !== seen) {
      seen = height;
      since = Date.now();
    }
    return Date.now() - since >= QUIET_MS ? true : undefined;
  };
  await network.until(`no new block on ${nodes.map(({ name }) => name)}`, check, SETTLED_MS);
}
