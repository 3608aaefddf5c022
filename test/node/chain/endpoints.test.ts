import assert from "node:assert/strict";
import { test } from "node:test";
import { peerRecords } from "#node/chain/endpoints.ts";
import type { NodeView } from "#node/interface/chain-view.ts";

const GOOD = "/ip4/10.0.0.1/tcp/4200";

function node(nodeId: number, changes: Partial<NodeView> = {}): NodeView {
  return {
    nodeId,
    owner: new Uint8Array(20),
    consensusKey: new Uint8Array(48),
    keyVersion: 0,
    networkKey: new Uint8Array(32).fill(nodeId),
    endpoints: `${GOOD},http://10.0.0.1:4220`,
    stake: 1n,
    thawing: 0n,
    optedIn: true,
    reputation: 50,
    nonce: 0,
    sequence: 0,
    revenue: 0n,
    ...changes,
  };
}

const addressesOf = (endpoints: string) => peerRecords([node(1, { endpoints })], 9)[0]?.addresses;

test("a node is a peer as long as it has something at stake, thawing stake included", () => {
  const nodes = [
    node(1),
    node(2, { stake: 0n }),
    node(3, { stake: 0n, thawing: 1n }),
    node(4, { endpoints: "" }),
  ];
  assert.deepEqual(
    peerRecords(nodes, 9).map(({ nodeId }) => nodeId),
    [1, 3],
  );
  assert.deepEqual(peerRecords(nodes, 1).length, 1, "not oneself");
});

test("only TCP multiaddrs are addresses", () => {
  const usable = [GOOD, "/ip6/::1/tcp/1", "/dns4/node.example/tcp/65535", `${GOOD}/p2p/12D3KooWx`];
  const useless = [
    "http://10.0.0.1",
    "/",
    "/x",
    "/unix/a",
    "/ip4/10.0.0.1/udp/1",
    `${GOOD}/ws`,
    "/ip4/1/tcp/0",
    "/ip4/1/tcp/70000",
  ];
  assert.deepEqual(addressesOf([...useless, ...usable].join(" , ")), usable);
  assert.equal(addressesOf(useless.join(",")), undefined);
});

test("addresses per node and their length are bounded", () => {
  const many = Array.from({ length: 50 }, (_, i) => `/ip4/10.0.0.${i}/tcp/4200`);
  assert.deepEqual(addressesOf(many.join(",")), many.slice(0, 8));
  assert.equal(addressesOf(`/dns4/${"a".repeat(300)}/tcp/1`), undefined);
});
