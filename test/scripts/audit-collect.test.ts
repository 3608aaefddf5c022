import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { toHex } from "#protocol/types/hex.ts";
import { AuthorizeSession, SignedTransaction, SubmitReserve, TX } from "#protocol/types/transactions.ts";
import { collectAcks } from "#scripts/check/audit/collect-acks.ts";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

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
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { id, params } = JSON.parse(body);
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: params[0] === 0 ? block : null }));
  }).listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const { acks, money } = await collectAcks(`http://127.0.0.1:${port}`);
    const of = { before: 0, account: toHex(account) };
    const hex = toHex(key).slice(2);
    assert.deepEqual(acks, []);
    assert.deepEqual(money, [
      { ...of, what: "deposit", amount: "55" },
      { ...of, what: { session: hex }, amount: "1234" },
      { ...of, what: { session: hex, node: 5, epoch: 3 }, amount: "4321" },
    ]);
  } finally {
    server.close();
  }
});
