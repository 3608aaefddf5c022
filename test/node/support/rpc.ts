import { createRpc, type RpcOptions } from "#node/rpc/server.ts";
import { RecordingMetrics, silentLogger } from "./recording.ts";

type Served = Pick<RpcOptions, "chain" | "pool">;

/** The RPC of a node that is ready, on a free port. */
export async function startRpc(served: Served): Promise<{ url: string; stop(): Promise<void> }> {
  const rpc = createRpc({
    ...served,
    port: 0,
    notReady: () => undefined,
    version: "0",
    logger: silentLogger,
    metrics: new RecordingMetrics(),
  });
  await rpc.start();
  return { url: `http://127.0.0.1:${rpc.address()?.port}`, stop: () => rpc.stop() };
}
