import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { COMMODITY } from "#protocol/types/ack.ts";
import { toHex } from "#protocol/types/hex.ts";
import {
  AuthorizeSession,
  SignedTransaction,
  SubmitAcks,
  SubmitReserve,
  TX,
} from "#protocol/types/transactions.ts";
import { collectAcks } from "#scripts/check/audit/collect-acks.ts";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** The RPC of a node that has one block. @throws what `use` throws */
async function withBlock(block: object, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { id, params } = JSON.parse(body);
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: params[0] === 0 ? block : null }));
  }).listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => server.once("listening", resolve));
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

it("reads deposits, limits and reservations out of blocks, and not what was rejected", async () => {
  const [account, key] = [filled(20, 1), filled(32, 2)];
  const session = { account, nonce: 7, scheme: 1, key, expiryEpoch: 9, limit: 1234n };
  const reserve = { epoch: 3, account, session: key, node: 5, amount: 4321n };
  const signed = { reserve, signature: filled(64, 4) };
  const payloads = [
    [TX.authorizeSession, AuthorizeSession.serialize(session)],
    [TX.reserve, SubmitReserve.serialize({ node: 5, sequence: 1, signed, delegations: [] })],
    [TX.reserve, SubmitReserve.serialize({ node: 5, sequence: 2, signed, delegations: [] })],
  ] as const;
  const transactions = payloads.map(([kind, payload]) =>
    toHex(SignedTransaction.serialize({ kind, payload, signature: filled(64, 6) })),
  );
  const receipts = ["OK", "OK", "ERR_RESERVE_LIMIT"].map((status) => ({
    status,
    ack_status: [],
    changes: [],
  }));
  const changes = [1, 4].map((reason) => ({ account: toHex(account), reason, delta: "55" }));
  const block = { input: { epoch: 3, transactions }, l2_changes: changes, receipts };
  await withBlock(block, async (url) => {
    const { acks, money } = await collectAcks(url);
    const of = { before: 0, account: toHex(account) };
    const hex = toHex(key).slice(2);
    assert.deepEqual(acks, []);
    assert.deepEqual(money, [
      { ...of, what: "deposit", amount: "55" },
      { ...of, what: { session: hex }, amount: "1234" },
      { ...of, what: { session: hex, node: 5, epoch: 3 }, amount: "4321" },
    ]);
  });
});

it("reads acknowledgements of both commodities with what was paid for each", async () => {
  const [account, session] = [filled(20, 1), filled(32, 2)];
  const lane = { epoch: 3, account, session, lane: 4, node: 5, service: 1 };
  const ack = (commodity: number, count: number, units: bigint) => ({
    ack: { ...lane, commodity, count, units, log: filled(32, 7) },
    signature: filled(64, 4),
  });
  const { bandwidth, compute } = COMMODITY;
  const payload = SubmitAcks.serialize({
    ...{ node: 5, sequence: 1, delegations: [] },
    acks: [ack(bandwidth, 8, 1_000_000n), ack(compute, 2, 250n), ack(compute, 2, 250n)],
  });
  const kind = TX.submitAcks;
  const transactions = [toHex(SignedTransaction.serialize({ kind, payload, signature: filled(64, 6) }))];
  const changes = ["10", "625"].map((delta) => ({ account: toHex(account), reason: 5, delta }));
  const receipts = [{ status: "OK", ack_status: ["OK", "OK", "ACK_NO_CHANGE"], changes }];
  const block = { input: { epoch: 4, transactions }, l2_changes: [], receipts };
  await withBlock(block, async (url) => {
    const { acks } = await collectAcks(url);
    const read = acks.map(({ commodity, count, units, paid }) => ({ commodity, count, units, paid }));
    assert.deepEqual(read, [
      { commodity: 0, count: 8, units: "1000000", paid: "10" },
      { commodity: 1, count: 2, units: "250", paid: "625" },
    ]);
    assert.deepEqual(
      [...new Set(acks.map(({ inEpoch, epoch, node, service }) => [inEpoch, epoch, node, service].join()))],
      ["4,3,5,1"],
    );
    assert.notEqual(acks[0]?.lane, acks[1]?.lane);
  });
});
