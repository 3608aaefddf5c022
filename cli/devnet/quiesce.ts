import { until } from "./wait.ts";
import type { EpochInfo } from "./watch.ts";
import type { Cast, LocalNode, World } from "./world.ts";

/** ms without a change after which nothing is on its way any more: longer than the nodes' submission interval */
const QUIET_MS = 5_000;
const TIMEOUT_MS = 60_000;

interface Meta {
  l2Block: number;
  height: number;
  ready: boolean;
}

/**
 * After the load has ended: waits until the last acknowledgements are paid, every node has the same balances, and the
 * indexer has seen all of it, the last claims included. @throws ERR_DEVNET_TIMEOUT
 */
export async function quiesce(world: World, cast: Cast): Promise<void> {
  const { signal } = world;
  let seen = "";
  let since = Date.now();
  const claimsBlock = Number(await cast.keeper.persona.l2.public.getBlockNumber());
  await until(
    "the nodes and the indexer agree",
    async () => {
      const views = await Promise.all(cast.nodes.map((node) => balances(node, cast)));
      const [first = ""] = views;
      if (views.some((view) => view !== first) || first !== seen) {
        seen = first;
        since = Date.now();
        return undefined;
      }
      if (Date.now() - since < QUIET_MS) return undefined;
      const { height } = (await cast.keeper.persona.node.request("flk_get_epoch_info", [])) as EpochInfo;
      const meta = await indexerMeta(world.graphqlUrl);
      return meta.ready && meta.l2Block >= claimsBlock && meta.height >= height - 2 ? true : undefined;
    },
    { signal, timeoutMs: TIMEOUT_MS },
  );
}

async function balances(node: LocalNode, cast: Cast): Promise<string> {
  const of = cast.clients.map(({ persona }) =>
    node.persona.node.request("flk_get_stables_balance", [persona.address]),
  );
  return (await Promise.all(of)).join();
}

async function indexerMeta(url: string): Promise<Meta> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ _meta { l2Block height ready } }" }),
    signal: AbortSignal.timeout(5_000),
  });
  const answer = (await response.json()) as { data?: { _meta: Meta }; errors?: { message: string }[] };
  if (!answer.data) throw new Error(`GraphQL: ${answer.errors?.[0]?.message ?? "no data"}`);
  return answer.data._meta;
}
