import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { createRpc } from "#node/rpc/server.ts";
import { reportHash, settlementDigest } from "#protocol/digests/settlement.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";
import { RecordingMetrics, recordingLogger } from "../support/recording.ts";
import {
  ALICE,
  certificate,
  certifiedBlock,
  fakeChain,
  fakePool,
  filled,
  LANE,
  report,
  SESSION,
  TX_ID,
} from "./fake-chain.ts";

const pool = fakePool();
const logger = recordingLogger();
const metrics = new RecordingMetrics();
let notReady: string | undefined;
const rpc = createRpc({
  port: 0,
  chain: fakeChain(),
  pool,
  notReady: () => notReady,
  version: "0.1.0-test",
  logger,
  metrics,
});
let url = "";
before(async () => {
  await rpc.start();
  url = `http://127.0.0.1:${rpc.address()?.port}`;
});
after(() => rpc.stop());

interface Answer {
  jsonrpc: string;
  id: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many methods are looked into
  result?: any;
  error?: { code: number; message: string; data: { code: string; [key: string]: unknown } };
}

async function post(body: string): Promise<Response> {
  return fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } });
}

async function call(method: string, params?: unknown): Promise<Answer> {
  const response = await post(
    JSON.stringify({ jsonrpc: "2.0", id: 1, method, ...(params !== undefined && { params }) }),
  );
  assert.equal(response.status, 200);
  const answer = (await response.json()) as Answer;
  assert.equal(answer.jsonrpc, "2.0");
  assert.equal(answer.id, 1);
  return answer;
}

async function result(method: string, params: unknown[] = []) {
  const answer = await call(method, params);
  assert.equal(answer.error, undefined, JSON.stringify(answer.error));
  return answer.result;
}

async function errorOf(method: string, params?: unknown): Promise<[number, string]> {
  const { error } = await call(method, params);
  assert.ok(error, `${method} did not fail`);
  return [error.code, error.data.code];
}

test("epoch, committee and head are answered with names in snake_case", async () => {
  assert.equal(await result("flk_ping"), "pong");
  assert.equal(await result("flk_get_epoch"), 3);
  assert.deepEqual(await result("flk_get_committee_members"), [1, 2, 5]);
  assert.equal(await result("flk_get_state_root"), toHex(filled(32, 2)));
  assert.deepEqual(await result("flk_get_epoch_info"), {
    epoch: 3,
    blocks: 12,
    height: 40,
    block_root: toHex(filled(32, 1)),
    state_root: toHex(filled(32, 2)),
    time: 1_800_000_000_000,
    epoch_end: 1_800_000_030_000,
    l2_number: 77,
    committee: [1, 2, 5],
  });
});

test("account reads give amounts as decimal strings, zero or null for an unknown account", async () => {
  const alice = toHex(ALICE);
  const nobody = toHex(filled(20, 1));
  assert.equal(await result("flk_get_stables_balance", [alice]), "5000000");
  assert.equal(await result("flk_get_stables_balance", [nobody]), "0");
  assert.deepEqual(await result("flk_get_account_info", [alice]), {
    address: alice,
    stables_balance: "5000000",
    reserved: "1000000",
    available: "4000000",
    deposits_seen: "9000000",
    nonce: 4,
    payout_stable: "1",
    payout_flk: (2n ** 90n).toString(),
  });
  assert.equal(await result("flk_get_account_info", [nobody]), null);
  const session = await result("flk_get_session", [alice, toHex(SESSION)]);
  assert.equal(session.expiry_epoch, 9);
  assert.equal(session.spent_previous, "2");
  assert.equal(session.reserved, "3");
  assert.equal(await result("flk_get_session", [nobody, toHex(SESSION)]), null);
  assert.equal(await result("flk_get_lane", [toHex(LANE)]), "123");
});

test("node reads go by node id, the registry is paged in ascending order", async () => {
  const info = await result("flk_get_node_info", [2]);
  assert.equal(info.node_id, 2);
  assert.equal(info.stake, (2n * 10n ** 21n).toString());
  assert.equal(info.owner, toHex(filled(20, 2)));
  assert.equal(await result("flk_get_node_info", [99]), null);
  assert.equal(await result("flk_get_staked", [3]), (3n * 10n ** 21n).toString());
  assert.equal(await result("flk_get_staked", [99]), "0");
  assert.equal(await result("flk_get_reputation", [3]), 93);
  assert.equal(await result("flk_get_reputation", [99]), null);
  const ids = (page: { node_id: number }[]) => page.map((node) => node.node_id);
  assert.deepEqual(ids(await result("flk_get_node_registry")), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(ids(await result("flk_get_node_registry", [3, 2])), [3, 4]);
  assert.deepEqual(await result("flk_get_node_served", [2]), { epoch: 3, node: 2, revenue: "2000000" });
  const served = await result("flk_get_node_served", [2, 2]);
  assert.equal(served.reward_stable, "4");
  assert.deepEqual(served.work[0].units, "9");
  assert.equal(await result("flk_get_node_served", [1, 2]), null);
  assert.equal((await result("flk_get_services"))[0].prices[1], "2");
  const forService = await result("flk_get_nodes_for_service", [0]);
  assert.deepEqual(
    forService.map((node: { node_id: number }) => node.node_id),
    [6, 5, 4, 3, 2, 1],
  );
  assert.deepEqual([forService[0].newcomer, forService[5].newcomer], [1, 0]);
  assert.equal((await result("flk_get_nodes_for_service", [0, 2])).length, 2);
  assert.equal(await result("flk_get_nodes_for_service", [7]), null);
  const status = await result("flk_get_node_status", [1]);
  assert.deepEqual([status.now.score, status.now.place, status.expected.place], [22, "near", "out"]);
  assert.deepEqual([status.above, status.floors.uptime], [{ reputation: 2, uptime: -3_998 }, 4_000]);
  assert.deepEqual([status.in_next_draw, status.in_draw_after], [true, false]);
  assert.equal(await result("flk_get_node_status", [99]), null);
  const rates = { latency: 1, uptime: 2, throughput: 3, success: 4, trust: 5, credibility: 6 };
  assert.deepEqual(await result("flk_get_reputation_info", [1]), {
    ...rates,
    measured: 1,
    reporters: 7,
    out: 0,
  });
  assert.equal(await result("flk_get_reputation_info", [2]), null);
  assert.deepEqual(await result("flk_get_protocol_params", ["minStake"]), {
    min_stake: (10n ** 21n).toString(),
  });
  assert.deepEqual(Object.keys(await result("flk_get_protocol_params")), ["epoch_length_ms", "min_stake"]);
});

test("blocks, reports and certificates come as JSON and as SSZ that decodes to the same", async () => {
  const block = await result("flk_get_block", [40]);
  assert.equal(block.receipts[0].status, "ERR_BAD_NONCE");
  assert.deepEqual(block.receipts[0].ack_status, ["OK", "ACK_PARTIAL_BALANCE"]);
  assert.deepEqual(block.input.transactions, ["0x010203"]);
  assert.equal(block.closes, true);
  assert.equal(block.height, 40);
  assert.equal(block.block_root, toHex(certifiedBlock().certificate.data.blockRoot));
  assert.deepEqual(block.certificate.signers, [0, 2]);
  const ssz = decode(CertifiedBlock, fromHex((await result("flk_get_block_ssz", [40])).ssz));
  assert.deepEqual(CertifiedBlock.serialize(ssz), CertifiedBlock.serialize(certifiedBlock()));
  assert.equal(await result("flk_get_block", [41]), null);
  assert.equal(await result("flk_get_block_ssz", [41]), null);

  const epochReport = await result("flk_get_epoch_report", [2]);
  assert.equal(epochReport.flk_minted, (2n ** 80n).toString());
  assert.deepEqual(reportHash(decode(EpochReport, fromHex(epochReport.ssz))), reportHash(report()));
  assert.equal(await result("flk_get_epoch_report", [7]), null);

  const settled = await result("flk_get_settlement_certificate", [2]);
  assert.equal(settled.digest, toHex(settlementDigest(certificate().settlement)));
  assert.deepEqual(settled.certificate.signers, [0, 1, 2]);
  assert.equal(decode(SettlementCertificate, fromHex(settled.ssz)).settlement.epoch, 2);
  assert.equal(await result("flk_get_settlement_certificate", [7]), null);
  assert.deepEqual(await result("flk_get_last_epoch_hash"), [settled.digest, 2]);
});

test("a transaction gets its id, a refused one the pool's code, a receipt its codes by name", async () => {
  assert.equal(await result("flk_send_txn", ["0x010203"]), toHex(TX_ID));
  assert.deepEqual(pool.submitted[0], Uint8Array.of(1, 2, 3));
  assert.deepEqual(await errorOf("flk_send_txn", ["0x01"]), [-32000, "ERR_TX_MALFORMED"]);
  assert.equal(await result("flk_send_txn", ["0x010203"]), toHex(TX_ID));
  assert.deepEqual(await errorOf("flk_send_txn", ["0x010203"]), [-32000, "ERR_POOL_FULL"]);
  assert.deepEqual(await result("flk_get_receipt", [toHex(TX_ID)]), {
    height: 40,
    status: "ERR_BAD_NONCE",
    ack_status: ["OK", "ACK_PARTIAL_BALANCE"],
  });
  assert.equal(await result("flk_get_receipt", [toHex(filled(32, 1))]), null);
});

test("params are taken by position or by name, and wrong ones are -32602 naming the param", async () => {
  assert.equal((await call("flk_get_staked", { node: 3 })).result, (3n * 10n ** 21n).toString());
  const wrong: [string, unknown][] = [
    ["flk_get_staked", [-1]],
    ["flk_get_staked", [1.5]],
    ["flk_get_staked", ["1"]],
    ["flk_get_staked", [2 ** 32]],
    ["flk_get_staked", []],
    ["flk_get_staked", [1, 2]],
    ["flk_get_staked", { node: 1, other: 2 }],
    ["flk_get_staked", { __proto__: null, toString: 1 }],
    ["flk_get_stables_balance", ["0x00"]],
    ["flk_get_stables_balance", [`0x${"zz".repeat(20)}`]],
    ["flk_get_block", [2 ** 53]],
    ["flk_get_protocol_params", ["constructor"]],
    ["flk_send_txn", ["0x1"]],
    ["flk_send_txn", [{}]],
    ["flk_get_node_registry", [0, 1001]],
  ];
  for (const [method, params] of wrong) {
    assert.deepEqual(
      await errorOf(method, params),
      [-32602, "ERR_RPC_INVALID_PARAMS"],
      `${method} ${JSON.stringify(params)}`,
    );
  }
  const { error } = await call("flk_get_staked", ["x"]);
  assert.equal(error?.data.param, "node");
});

test("malformed requests get the codes that JSON-RPC fixes", async () => {
  assert.deepEqual(await errorOf("flk_unknown"), [-32601, "ERR_RPC_UNKNOWN_METHOD"]);
  assert.deepEqual(await errorOf("__proto__"), [-32601, "ERR_RPC_UNKNOWN_METHOD"]);
  const cases: [string, number, string][] = [
    ["{", -32700, "ERR_RPC_PARSE"],
    ["", -32700, "ERR_RPC_PARSE"],
    ["[".repeat(100_000), -32700, "ERR_RPC_PARSE"],
    ["null", -32600, "ERR_RPC_INVALID_REQUEST"],
    ["[]", -32600, "ERR_RPC_INVALID_REQUEST"],
    ['{"id":1,"method":"flk_ping"}', -32600, "ERR_RPC_INVALID_REQUEST"],
    ['{"jsonrpc":"2.0","id":{},"method":"flk_ping"}', -32600, "ERR_RPC_INVALID_REQUEST"],
    ['{"jsonrpc":"2.0","id":1,"method":7}', -32600, "ERR_RPC_INVALID_REQUEST"],
    ['{"jsonrpc":"2.0","id":1,"method":"flk_ping","params":7}', -32602, "ERR_RPC_INVALID_PARAMS"],
    [`[${Array(101).fill("1").join()}]`, -32600, "ERR_RPC_BATCH_TOO_LARGE"],
  ];
  for (const [body, code, name] of cases) {
    const { error } = (await (await post(body)).json()) as Answer;
    assert.deepEqual([error?.code, error?.data.code], [code, name], body.slice(0, 60));
  }
});

test("a batch is answered in order without its notifications, a lone notification not at all", async () => {
  const one = (id: unknown, method: string) => ({ jsonrpc: "2.0", ...(id !== undefined && { id }), method });
  const response = await post(
    JSON.stringify([one("a", "flk_ping"), one(undefined, "flk_ping"), 7, one(2, "nope")]),
  );
  const answers = (await response.json()) as Answer[];
  assert.deepEqual(
    answers.map(({ id, result, error }) => [id, result ?? error?.code]),
    [
      ["a", "pong"],
      [null, -32600],
      [2, -32601],
    ],
  );
  assert.equal((await post(JSON.stringify(one(undefined, "flk_ping")))).status, 204);
});

test("a failure inside is -32603 without its details, which go to the log", async () => {
  const { error } = await call("flk_get_block", [13]);
  assert.deepEqual([error?.code, error?.data.code], [-32603, "ERR_INTERNAL"]);
  assert.ok(!JSON.stringify(error).includes("secret"));
  assert.ok(logger.lines.some((line) => line.event === "rpc.failed"));
  assert.ok(metrics.value("flk_rpc_requests_total", { method: "flk_get_block", outcome: "error" }) >= 1);
});

test("a body above 1 MiB is refused with a code, also when its length is not announced", async () => {
  const response = await post("x".repeat(1024 * 1024 + 1));
  assert.equal(response.status, 413);
  assert.equal(((await response.json()) as Answer).error?.data.code, "ERR_RPC_BODY_TOO_LARGE");
  const status = await new Promise((resolve, reject) => {
    const sending = httpRequest(url, { method: "POST" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sending.on("error", reject);
    sending.write("x".repeat(1024 * 1024));
    sending.end("y");
  });
  assert.equal(status, 413);
  assert.equal(await result("flk_ping"), "pong");
});

test("no body makes the server fail or answer anything but JSON-RPC", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (body) => {
      const response = await post(body);
      assert.equal(response.status, 200);
      const answer = (await response.json()) as Answer;
      for (const one of Array.isArray(answer) ? answer : [answer])
        assert.ok(one.error?.data.code.startsWith("ERR_RPC_"));
    }),
    { numRuns: 100 },
  );
});

test("health, readiness with its reason, version, and the report as SSZ", async () => {
  const get = async (path: string) => {
    const response = await fetch(url + path);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await get("/health"), [200, "OK\n"]);
  assert.deepEqual(await get("/version"), [200, "0.1.0-test\n"]);
  assert.deepEqual(await get("/ready"), [200, "OK\n"]);
  notReady = "the L2 does not answer";
  assert.deepEqual(await get("/ready"), [503, "the L2 does not answer\n"]);
  notReady = undefined;
  assert.equal((await get("/other"))[0], 404);
  const response = await fetch(`${url}/v1/epochs/2/report`);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), EpochReport.serialize(report()));
  assert.equal((await get("/v1/epochs/9/report"))[0], 404);
  assert.equal((await fetch(url, { method: "DELETE" })).status, 405);
});

test("rpc.discover describes every method that answers", async () => {
  const document = await result("rpc.discover");
  assert.equal(document.openrpc, "1.3.2");
  const names = document.methods.map((method: { name: string }) => method.name);
  assert.ok(names.includes("flk_get_settlement_certificate"));
  for (const name of names) assert.notEqual((await call(name, {})).error?.code, -32601);
});

test("a port in use is ERR_PORT_IN_USE naming the port and the option", async () => {
  const port = rpc.address()?.port as number;
  const options = { chain: fakeChain(), pool, notReady: () => undefined, version: "x", logger, metrics };
  const second = createRpc({ ...options, port, option: "rpc.port" });
  await assert.rejects(second.start(), (error) => {
    assert.ok(isFlkError(error, "ERR_PORT_IN_USE"));
    assert.match(error.message, new RegExp(`${port}.*rpc\\.port`));
    return true;
  });
  await second.stop();
});
