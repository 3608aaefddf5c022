import { Rng } from "#scripts/bench/support/rng.ts";
import { Ledger } from "./ledger.ts";
import { Load } from "./load.ts";
import { type FaultNetwork, type Sizes, seedOf, startFaultNetwork, type TestContext } from "./network.ts";

/** A network, what it orders, and a load that is not running yet. `rng` draws the faults; the load has its own numbers. */
export async function startRun(
  t: TestContext,
  sizes: Sizes | ((rng: Rng) => Sizes),
): Promise<{ rng: Rng; network: FaultNetwork; ledger: Ledger; load: Load }> {
  const seed = seedOf(t);
  const rng = new Rng(seed);
  const network = await startFaultNetwork(t, typeof sizes === "function" ? sizes(rng) : sizes);
  return { rng, network, ledger: new Ledger(), load: new Load(network, seed + 1) };
}
