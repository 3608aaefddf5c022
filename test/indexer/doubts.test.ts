import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Hex, toEventSelector } from "viem";
import { createL2Providers, type L2Providers } from "#indexer/sync/l2-client.ts";
import { emittersOf, followedContracts } from "#indexer/sync/l2-logs.ts";
import { slasherAbi } from "#protocol/abi/Slasher.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { CHAIN_ID, CONTRACTS, FakeL2 } from "./support/fake-l2.ts";
import { type FakeRpc, startFakeRpc } from "./support/fake-rpc.ts";

const EVENT = toEventSelector(
  slasherAbi.find((item) => item.type === "event" && item.name === "EquivocationSlashed") as never,
);
const [FROM, HEAD] = [11, 50];

interface Claim {
  address: Hex;
  topics: Hex[];
}

describe("blocks whose bloom has our contracts by chance", () => {
  const emitters = emittersOf(followedContracts(CONTRACTS));
  let l2: FakeL2;
  let rpcs: FakeRpc[];
  let providers: L2Providers;
  /** what the last URL says that each block in doubt has */
  let claim: Claim | undefined;
  /** answers of the last URL that never come */
  let silent: boolean;

  beforeEach(async () => {
    [claim, silent] = [undefined, false];
    l2 = new FakeL2();
    l2.head = l2.finalized = HEAD;
    const last = await startFakeRpc((method, params) => {
      const { blockHash } = (params[0] ?? {}) as { blockHash?: Hex };
      if (!claim || blockHash === undefined) return l2.answer(method, params);
      const place = { blockNumber: "0x1", logIndex: "0x0", transactionIndex: "0x0", removed: false };
      return [{ ...claim, ...place, blockHash, data: "0x", transactionHash: blockHash }];
    });
    last.disturb = () => (silent ? "silence" : undefined);
    rpcs = [await l2.serve(), await l2.serve(), last];
    providers = createL2Providers(
      rpcs.map(({ url }) => url),
      CHAIN_ID,
      new AbortController().signal,
    );
  });
  afterEach(async () => {
    for (const rpc of rpcs) await rpc.stop();
  });

  function read(): Promise<unknown> {
    return providers.use(async (client) => {
      await client.logs(emitters, FROM, HEAD);
      return "idle";
    });
  }
  const asked = ({ calls }: FakeRpc) =>
    (calls.get("eth_getLogs") ?? []).filter((filter) => "blockHash" in (filter as object)).length;
  function doubt(from: number): void {
    for (let block = from; block <= HEAD; block++) l2.chance.set(block, ["slasher", "governor"]);
  }

  it("cost one query per block and URL, however many contracts", async () => {
    doubt(HEAD - 9);
    await read();
    assert.deepEqual(rpcs.map(asked), [10, 10, 10]);
  });

  it("are asked of a URL that is silent 16 at once, and then of the others for a while", async () => {
    doubt(FROM);
    silent = true;
    await read();
    await read();
    assert.deepEqual([asked(rpcs[0] as FakeRpc), asked(rpcs[2] as FakeRpc)], [80, 16]);
  });

  it("are not settled by logs that nobody asked for", async () => {
    l2.chance.set(40, ["slasher"]);
    for (const lie of [
      { address: CONTRACTS.slasher, topics: [] },
      { address: CONTRACTS.slasher, topics: [`0x${"5a".repeat(32)}`] },
      { address: CONTRACTS.governor, topics: [EVENT] },
    ] satisfies Claim[]) {
      claim = lie;
      await read();
    }
  });

  it("name the URL that says it has logs, which nobody can disprove", async () => {
    l2.chance.set(40, ["slasher"]);
    claim = { address: CONTRACTS.slasher, topics: [EVENT] };
    const [first, , last] = rpcs.map(({ url }) => new URL(url).host);
    await assert.rejects(read(), (error) => {
      assert.ok(isFlkError(error, "ERR_L2_RESPONSE"));
      assert.equal(
        error.message,
        `the L2 at ${first} answered for block 40 without logs that ${last} says it has`,
      );
      return true;
    });
  });
});
