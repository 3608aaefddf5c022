import { INITIAL_REPUTATION, MAX_COMMODITIES, MAX_ENDPOINT_BYTES } from "#protocol/params/limits.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import type { BalanceChange } from "#protocol/types/block.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { availableOf, balanceToPayout, creditDeposits, findAccount } from "../accounts.ts";
import { transitionError } from "../errors.ts";
import { setNextParameter } from "../parameters.ts";
import type { NodeRecord, ServiceRecord } from "../records.ts";
import type { State } from "../state.ts";
import { processLotClosed } from "./process-lot-closed.ts";

const MAX_PRICE = (1n << 64n) - 1n;

/** Applies one finalized L2 event; balance changes go to `changes` (TRN-L2). @throws ERR_L2_EVENT when it does not follow */
export function processL2Event(state: State, event: L2Event, changes: BalanceChange[]): void {
  switch (event.type) {
    case "deposit": {
      const change = creditDeposits(state, event.account, event.total);
      if (change) changes.push(change);
      return;
    }
    case "nodeRegistered":
      registerNode(state, event);
      return;
    case "endpointsSet":
      state.nodeTable.put({ ...nodeOf(state, event), endpoints: encodeEndpoints(event.endpoints) });
      return;
    case "keyRotated": {
      const { keyVersion, consensusKey } = event;
      state.nodeTable.put({ ...nodeOf(state, event), keyVersion, consensusKey });
      return;
    }
    case "networkKeyRotated":
      state.nodeTable.put({ ...nodeOf(state, event), networkKey: event.networkKey });
      return;
    case "participationSet":
      state.nodeTable.put({ ...nodeOf(state, event), optedIn: event.optedIn ? 1 : 0 });
      return;
    case "payeeSet":
      state.nodeTable.put({ ...nodeOf(state, event), payee: event.payee });
      return;
    case "stakeLocked":
      state.nodeTable.put({ ...nodeOf(state, event), lockedUntil: event.lockedUntil });
      return;
    case "withdrawRequested":
      withdraw(state, event, changes);
      return;
    case "stakeChanged":
      changeStake(state, event);
      return;
    case "parameterSet":
      setNextParameter(state, event.key, event.value);
      return;
    case "serviceRegistered":
      registerService(state, event);
      return;
    case "serviceTransferred":
      state.serviceTable.put({ ...serviceOf(state, event), owner: event.owner });
      return;
    case "priceSet":
      setPrice(state, event);
      return;
    case "lotClosed":
      processLotClosed(state, event);
      return;
  }
}

function nodeOf(state: State, event: { type: string; nodeId: number }): NodeRecord {
  const node = state.nodeTable.get(String(event.nodeId));
  if (!node)
    throw transitionError("ERR_L2_EVENT", `${event.type} for an unknown node`, { nodeId: event.nodeId });
  return node;
}

function serviceOf(state: State, event: { type: string; serviceId: number }): ServiceRecord {
  const service = state.serviceTable.get(String(event.serviceId));
  if (!service) {
    throw transitionError("ERR_L2_EVENT", `${event.type} for an unknown service`, {
      serviceId: event.serviceId,
    });
  }
  return service;
}

/** An account that the committee does not serve, or that is a contract, takes its balance out by the L2 (TRN-WITHDRAW-L2). */
function withdraw(
  state: State,
  { account, amount }: Extract<L2Event, { type: "withdrawRequested" }>,
  changes: BalanceChange[],
): void {
  const found = findAccount(state, account);
  if (!found) return;
  const wanted = minBigint(amount, found.balance - minBigint(found.withdrawing, found.balance));
  const taken = minBigint(wanted, availableOf(state, account));
  if (wanted > taken) {
    state.accounts.put({ ...found, withdrawing: found.withdrawing + wanted - taken });
  }
  const change = balanceToPayout(state, account, taken);
  if (change) changes.push(change);
}

function registerNode(state: State, event: Extract<L2Event, { type: "nodeRegistered" }>): void {
  const { nodeId, owner, keyVersion, consensusKey, networkKey } = event;
  const known = state.nodeTable.get(String(nodeId));
  const first = {
    stake: 0n,
    thawing: 0n,
    lockedUntil: 0n,
    optedIn: 1,
    reputation: INITIAL_REPUTATION,
    nonce: 0,
    stakedFrom: state.epoch + 1,
    quotaEpoch: 0,
    quotaBytes: 0,
    sequence: 0,
    usedSequences: 0n,
  };
  state.nodeTable.put({
    payee: owner,
    ...(known ?? first),
    nodeId,
    owner,
    keyVersion,
    consensusKey,
    networkKey,
    endpoints: encodeEndpoints(event.endpoints),
  });
}

/** Longer texts than the L2 admits are cut: they must not stop the chain. */
function encodeEndpoints(endpoints: string): Uint8Array {
  return new TextEncoder().encode(endpoints).slice(0, MAX_ENDPOINT_BYTES);
}

function changeStake(state: State, event: Extract<L2Event, { type: "stakeChanged" }>): void {
  const node = nodeOf(state, event);
  const minimum = state.parameter("minStake") ?? 0n;
  const rose = node.stake < minimum && event.staked >= minimum;
  state.nodeTable.put({
    ...node,
    stake: event.staked,
    thawing: event.thawing,
    stakedFrom: rose ? state.epoch + 1 : node.stakedFrom,
  });
}

/** Its prices come by `priceSet` and count from the next epoch boundary. */
function registerService(state: State, event: Extract<L2Event, { type: "serviceRegistered" }>): void {
  const { serviceId, owner } = event;
  const known = state.serviceTable.get(String(serviceId));
  const first = { prices: [], previousPrices: [], nextPrices: [] };
  state.serviceTable.put({ ...(known ?? first), serviceId, owner });
}

/** Takes effect at the next epoch boundary. Commodities that the format has no room for are not offered. */
function setPrice(state: State, event: Extract<L2Event, { type: "priceSet" }>): void {
  const service = serviceOf(state, event);
  if (event.commodity >= MAX_COMMODITIES) return;
  const nextPrices = [...service.nextPrices];
  while (nextPrices.length < event.commodity) nextPrices.push(0n);
  nextPrices[event.commodity] = minBigint(event.price, MAX_PRICE);
  state.serviceTable.put({ ...service, nextPrices });
}
