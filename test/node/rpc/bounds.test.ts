import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { eventually } from "#test/node/support/eventually.ts";
import { startRpc } from "../support/rpc.ts";
import { certifiedBlock, fakeChain, fakePool, filled } from "./fake-chain.ts";

interface Answer {
  id: number;
  result?: unknown;
  error?: { code: number; data: { code: string } };
}

async function withRpc(
  block: ReturnType<typeof fakeChain>["block"],
  body: (url: string) => Promise<void>,
): Promise<void> {
  const rpc = await startRpc({ chain: { ...fakeChain(), block }, pool: fakePool() });
  try {
    await body(rpc.url);
  } finally {
    await rpc.stop();
  }
}

const request = (id: number) => ({ jsonrpc: "2.0", id, method: "flk_get_block", params: [id] });
const post = (url: string, body: unknown) => fetch(url, { method: "POST", body: JSON.stringify(body) });

test("a batch stops at 16 MiB: what does not fit is ERR_RPC_ANSWER_TOO_LARGE, and nothing of it is run", async () => {
  let run = 0;
  const big = certifiedBlock();
  big.block.input.transactions = Array.from({ length: 8 }, () => filled(200_000, 1));
  const block = async () => {
    run += 1;
    return big;
  };
  await withRpc(block, async (url) => {
    const text = await (
      await post(
        url,
        Array.from({ length: 100 }, (_, id) => request(id)),
      )
    ).text();
    assert.ok(text.length <= 16 * 1024 * 1024, `${text.length} bytes`);
    const answers = JSON.parse(text) as Answer[];
    assert.deepEqual(
      answers.map(({ id }) => id),
      Array.from({ length: 100 }, (_, id) => id),
    );
    const served = answers.filter(({ result }) => result !== undefined).length;
    assert.ok(served >= 3 && served < 6, `${served} served`);
    assert.ok(run <= served + 1, `${run} run`);
    for (const { error } of answers.slice(served)) {
      assert.deepEqual([error?.code, error?.data.code], [-32000, "ERR_RPC_ANSWER_TOO_LARGE"]);
    }
    assert.ok(((await (await post(url, request(99))).json()) as Answer).result, "alone it is answered");
  });
});

test("requests beyond those that run wait, and beyond those that wait are ERR_RPC_BUSY", async () => {
  let running = 0;
  let most = 0;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const block = async () => {
    running += 1;
    most = Math.max(most, running);
    await finished;
    running -= 1;
    return undefined;
  };
  await withRpc(block, async (url) => {
    let busy = 0;
    const sent = Array.from({ length: 320 }, async (_, id) => {
      const response = await post(url, request(id));
      const answer = (await response.json()) as Answer;
      if (!answer.error) return 200;
      assert.equal(answer.error.data.code, "ERR_RPC_BUSY");
      busy += 1;
      return response.status;
    });
    await eventually("the excess is refused", () => busy === 320 - 32 - 256);
    assert.equal(running, 32);
    assert.equal((await fetch(`${url}/health`)).status, 200);
    finish();
    const statuses = await Promise.all(sent);
    assert.equal(most, 32);
    assert.equal(statuses.filter((status) => status === 200).length, 288);
    assert.equal(statuses.filter((status) => status === 503).length, 32);
  });
});

test("a client that pipelines requests and leaves frees what they held", async () => {
  let running = 0;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const block = async () => {
    running += 1;
    await finished;
    return undefined;
  };
  await withRpc(block, async (url) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const body = JSON.stringify(request(1));
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`.repeat(60));
    await eventually("they run", () => running === 32);
    socket.destroy();
    finish();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, id) => post(url, request(id))));
    for (const answer of answers) assert.equal(answer.status, 200);
  });
});

test("a notification in a full batch is not answered", async () => {
  const big = certifiedBlock();
  big.block.input.transactions = Array.from({ length: 45 }, () => filled(200_000, 1));
  await withRpc(
    async () => big,
    async (url) => {
      const { id: _, ...notification } = request(2);
      const answers = (await (await post(url, [request(1), notification, 7])).json()) as Answer[];
      assert.deepEqual(
        answers.map(({ id, error }) => [id, error?.data.code]),
        [
          [1, "ERR_RPC_ANSWER_TOO_LARGE"],
          [null, "ERR_RPC_ANSWER_TOO_LARGE"],
        ],
      );
    },
  );
});
