import type { NodeView } from "#node/interface/chain-view.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { PARAMETER_KEYS } from "#protocol/params/keys.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { toHex } from "#protocol/types/hex.ts";
import { type Json, snakeCase, toJson } from "./json.ts";
import { type Method, method } from "./method.ts";
import { nodesForService } from "./nodes-for-service.ts";
import * as param from "./params.ts";
import {
  ACCOUNT,
  CONFLICT,
  DELEGATE,
  NODE,
  NODE_STATUS,
  OFFERED_NODE,
  RESERVATION,
  SERVED_BEFORE,
  SERVED_NOW,
  SERVICE,
  SESSION,
  STANDING,
} from "./results.ts";
import { AMOUNT, HEX, INTEGER, listOf, orNull, STRING } from "./schemas.ts";

function nodeInfo(node: NodeView): Json {
  const { owner, consensusKey, networkKey, ...rest } = node;
  return toJson({ ...rest, owner, consensusKey, networkKey });
}

const MAX_PAGE = 1000;
const MAX_CONFLICTS_PAGE = 100;

/** Reads of the executed state. Amounts: micro-USD and wei as decimal strings. */
export const STATE_METHODS: readonly Method[] = [
  method({
    name: "flk_get_stables_balance",
    summary: "Stablecoin balance of an account, micro-USD; 0 for an unknown one",
    params: { account: param.address },
    result: AMOUNT,
    call: ({ chain }, { account }) => (chain.account(account)?.balance ?? 0n).toString(),
  }),
  method({
    name: "flk_get_account_info",
    summary:
      "Balance, what of it is reserved and what is available, nonce and cumulative payouts of an account",
    params: { account: param.address },
    result: orNull(ACCOUNT),
    call({ chain }, { account }) {
      const view = chain.account(account);
      if (!view) return null;
      const { balance, reserved, ...rest } = view;
      const available = balance - reserved;
      return toJson({ address: account, stablesBalance: balance, reserved, available, ...rest });
    },
  }),
  method({
    name: "flk_get_session",
    summary: "A session key of an account: expiry, limit, spending and what is reserved, micro-USD",
    params: { account: param.address, key: param.bytes32 },
    result: orNull(SESSION),
    call: ({ chain }, { account, key }) => toJson(chain.session(account, key)),
  }),
  method({
    name: "flk_get_reservation",
    summary:
      "What a session key reserved for a node in the current or previous epoch, and what was paid of it; micro-USD",
    params: {
      account: param.address,
      key: param.bytes32,
      node: param.nodeId,
      epoch: param.optional(param.epoch),
    },
    result: orNull(RESERVATION),
    call: ({ chain }, { account, key: session, node, epoch = chain.head().epoch }) =>
      toJson(chain.reservation({ epoch, account, session, node })),
  }),
  method({
    name: "flk_get_delegate",
    summary:
      "What a delegated key spent and has reserved in the current or previous epoch, micro-USD, and for which session key",
    params: { account: param.address, key: param.bytes32, epoch: param.optional(param.epoch) },
    result: orNull(DELEGATE),
    call: ({ chain }, { account, key, epoch = chain.head().epoch }) =>
      toJson(chain.delegate(account, key, epoch)),
  }),
  method({
    name: "flk_get_lane",
    summary: "Units paid in an acknowledgement lane of the current or previous epoch",
    params: { lane_id: param.bytes32 },
    result: AMOUNT,
    call: ({ chain }, { lane_id }) => chain.lanePaid(lane_id).toString(),
  }),
  method({
    name: "flk_get_node_info",
    summary: "A node: owner, keys, endpoints, stake (wei), reputation, revenue of this epoch (micro-USD)",
    params: { node: param.nodeId },
    result: orNull(NODE),
    call({ chain }, { node }) {
      const view = chain.node(node);
      return view ? nodeInfo(view) : null;
    },
  }),
  method({
    name: "flk_get_node_registry",
    summary: "Nodes ascending by id, from id `start`, at most `limit`",
    params: { start: param.optional(param.nodeId), limit: param.optional(param.count) },
    result: listOf(NODE),
    call: ({ chain }, { start = 0, limit = MAX_PAGE }) =>
      chain
        .nodes()
        .filter((node) => node.nodeId >= start)
        .sort((a, b) => a.nodeId - b.nodeId)
        .slice(0, limit)
        .map(nodeInfo),
  }),
  method({
    name: "flk_get_staked",
    summary: "Stake of a node that is not thawing, wei; 0 for an unknown one",
    params: { node: param.nodeId },
    result: AMOUNT,
    call: ({ chain }, { node }) => (chain.node(node)?.stake ?? 0n).toString(),
  }),
  method({
    name: "flk_get_reputation",
    summary: "Reputation of a node, 0 to 100",
    params: { node: param.nodeId },
    result: orNull(INTEGER),
    call: ({ chain }, { node }) => chain.node(node)?.reputation ?? null,
  }),
  method({
    name: "flk_get_reputation_info",
    summary:
      "Why a node has its reputation: components of 10000, credibility, reporters, whether it is out by a floor",
    params: { node: param.nodeId },
    result: orNull(STANDING),
    call({ chain }, { node }) {
      const standing = chain.standing(node);
      if (!standing) return null;
      const { latency, uptime, throughput, success, trust, credibility, measured, reporters, out } = standing;
      return toJson({ latency, uptime, throughput, success, trust, credibility, measured, reporters, out });
    },
  }),
  method({
    name: "flk_get_node_status",
    summary:
      "How a node stands, what the end of this epoch will make of it, and which draws it is in: score, components of 10000, floors",
    params: { node: param.nodeId },
    result: orNull(NODE_STATUS),
    call: ({ chain }, { node }) => toJson(chain.status(node)),
  }),
  method({
    name: "flk_get_nodes_for_service",
    summary:
      "Nodes to ask for a service: staked and opted in, the best reputation first, of more than `limit` a draw; newcomer 1: not measured yet",
    params: { service: param.serviceId, limit: param.optional(param.count) },
    result: orNull(listOf(OFFERED_NODE)),
    call({ chain }, { service, limit = MAX_PAGE }) {
      if (!chain.service(service)) return null;
      return nodesForService(chain, limit).map(({ node, newcomer }) => ({
        ...(nodeInfo(node) as object),
        newcomer: newcomer ? 1 : 0,
      }));
    },
  }),
  method({
    name: "flk_get_node_served",
    summary: "Work of a node: revenue of the current epoch, or work and rewards of a closed one",
    params: { node: param.nodeId, epoch: param.optional(param.epoch) },
    result: { oneOf: [SERVED_NOW, SERVED_BEFORE, { type: "null" }] },
    async call({ chain }, { node, epoch }) {
      if (epoch === undefined || epoch === chain.head().epoch) {
        const view = chain.node(node);
        return view ? toJson({ epoch: chain.head().epoch, node, revenue: view.revenue }) : null;
      }
      const served = (await chain.report(epoch))?.nodes.find((entry) => entry.node === node);
      return served ? toJson({ epoch, ...served }) : null;
    },
  }),
  method({
    name: "flk_get_services",
    summary: "Services and their prices: micro-USD per 10^9 units, by commodity",
    params: {},
    result: listOf(SERVICE),
    call: ({ chain }) => chain.services().map(toJson),
  }),
  method({
    name: "flk_get_protocol_params",
    summary: "Governed parameters: one by its name, or all",
    params: { key: param.optional(param.parameterKey) },
    result: { type: "object", additionalProperties: STRING },
    call({ chain }, { key }) {
      const out: { [name: string]: Json } = {};
      for (const name of key ? [key] : PARAMETER_KEYS) {
        const value = chain.parameter(name);
        if (value !== undefined) out[snakeCase(name)] = value.toString();
      }
      return out;
    },
  }),
  method({
    name: "flk_get_state_root",
    summary: "State root after the last block",
    params: {},
    result: HEX,
    call: ({ chain }) => toHex(chain.head().stateRoot),
  }),
  method({
    name: "flk_get_ack_conflicts",
    summary:
      "What this node keeps of keys that signed two acknowledgements with one count in one lane, ascending by epoch and lane id, and their SSZ as `ssz`: of `account`, from epoch `from`, there after lane `after`, at most `limit`, 100 unless fewer",
    params: {
      account: param.optional(param.address),
      from: param.optional(param.epoch),
      after: param.optional(param.bytes32),
      limit: param.optional(param.count),
    },
    result: listOf(CONFLICT),
    async call({ evidence }, { limit = MAX_CONFLICTS_PAGE, ...query }) {
      const page = { ...query, limit: Math.min(limit, MAX_CONFLICTS_PAGE) };
      const conflicts = await evidence.conflicts(page);
      return conflicts.map((conflict) => {
        const lane = laneId(laneKeyOf(conflict.first.ack));
        return toJson({ ...conflict, laneId: lane, ssz: AckConflict.serialize(conflict) });
      });
    },
  }),
];
