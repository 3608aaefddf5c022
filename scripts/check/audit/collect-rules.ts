import { type Hex, hexToString, type PublicClient, parseAbi, parseAbiItem, zeroAddress } from "viem";
import type { L2Facts } from "./snapshot.ts";

const STARTED = parseAbi([
  "struct Committee { uint64 epoch; bytes members; bytes aggregateKey; }",
  "event Started(Committee committee, bytes32 committeeHash, uint64 startTime, uint64 l2Number, bytes32 genesisDigest, uint256 flkSupply)",
])[0];
const PARAMETER_SET = parseAbiItem("event ParameterSet(bytes32 indexed key, uint256 value)");
const PRICE_SET = parseAbiItem("event PriceSet(uint32 indexed serviceId, uint8 commodity, uint64 price)");
const REGISTERED = parseAbiItem(
  "event NodeRegistered(uint32 indexed nodeId, address indexed owner, uint32 keyVersion, bytes key, bytes32 networkKey, string endpoints)",
);
const PAYEE_SET = parseAbiItem("event PayeeSet(uint32 indexed nodeId, address indexed payee)");
const STAKE_LOCKED = parseAbiItem("event StakeLocked(uint32 indexed nodeId, uint64 lockedUntil)");
const TRANSFER = parseAbiItem("event Transfer(address indexed from, address indexed to, uint256 value)");
const LOT_CLOSED = parseAbiItem(
  "event LotClosed(uint64 indexed lotId, uint64 fromEpoch, uint64 toEpoch, uint256 sold, uint256 burned, uint256 rolled, uint256 counted)",
);

/** The parameters that the money rules read. */
const READ = new Set([
  "nodeShareBps",
  "serviceShareBps",
  "treasuryShareBps",
  "buybackShareBps",
  "maxInflationBps",
  "kappaBps",
  "maxLock",
  "maxBoostBps",
  "buyback",
  "treasury",
]);

type Rules = Pick<L2Facts, "start" | "parameters" | "payees" | "locks" | "prices" | "lots" | "flkBurned">;

/** What decides over rewards on the L2, as its logs say. */
export async function collectRules(
  client: PublicClient,
  contracts: Record<"settlement" | "staking" | "parameters" | "services" | "auction" | "flk", Hex>,
): Promise<Rules> {
  const all = { fromBlock: 0n, toBlock: "latest", strict: true } as const;
  const { settlement, staking, parameters, services, auction, flk } = contracts;
  const [started] = await client.getLogs({ address: settlement, event: STARTED, ...all });
  if (!started) throw new Error("the network was never started");
  const set = await client.getLogs({ address: parameters, event: PARAMETER_SET, ...all });
  const locks = await client.getLogs({ address: staking, event: STAKE_LOCKED, ...all });
  const lots = await client.getLogs({ address: auction, event: LOT_CLOSED, ...all });
  const prices = await client.getLogs({ address: services, event: PRICE_SET, ...all });
  const burnArgs = { to: zeroAddress };
  const burns = await client.getLogs({ address: flk, event: TRANSFER, args: burnArgs, ...all });
  const bought = burns.filter((log) => log.args.from.toLowerCase() !== staking.toLowerCase());
  return {
    flkBurned: bought.reduce((sum, log) => sum + log.args.value, 0n).toString(),
    start: {
      time: Number(started.args.startTime),
      block: Number(started.blockNumber),
      flkSupply: started.args.flkSupply.toString(),
    },
    parameters: set
      .map((log) => ({
        key: hexToString(log.args.key, { size: 32 }),
        value: log.args.value.toString(),
        block: Number(log.blockNumber),
      }))
      .filter(({ key }) => READ.has(key)),
    payees: await payees(client, staking),
    locks: locks.map((log) => ({
      nodeId: log.args.nodeId,
      until: log.args.lockedUntil.toString(),
      block: Number(log.blockNumber),
    })),
    prices: prices.map(({ args, blockNumber }) => ({
      service: args.serviceId,
      commodity: args.commodity,
      price: args.price.toString(),
      block: Number(blockNumber),
    })),
    lots: lots.map(({ args, address, blockNumber }) => ({
      auction: address.toLowerCase(),
      fromEpoch: Number(args.fromEpoch),
      toEpoch: Number(args.toEpoch),
      sold: args.sold.toString(),
      rolled: args.rolled.toString(),
      burned: args.burned.toString(),
      counted: args.counted.toString(),
      block: Number(blockNumber),
    })),
  };
}

/** The owner is its node's first payee: no payee is named before the registration. */
async function payees(client: PublicClient, staking: Hex): Promise<Rules["payees"]> {
  const all = { address: staking, fromBlock: 0n, toBlock: "latest", strict: true } as const;
  const registered = await client.getLogs({ event: REGISTERED, ...all });
  const named = await client.getLogs({ event: PAYEE_SET, ...all });
  const owners = registered.map((log) => ({ log, payee: log.args.owner }));
  return [...owners, ...named.map((log) => ({ log, payee: log.args.payee }))].map(({ log, payee }) => ({
    nodeId: log.args.nodeId,
    payee: payee.toLowerCase(),
    block: Number(log.blockNumber),
  }));
}
