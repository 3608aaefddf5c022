import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  decodeEventLog,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
} from "viem";
import { createEventDecoder } from "#indexer/sync/event-decoder.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { slasherAbi } from "#protocol/abi/Slasher.ts";

const OTHERS = [
  {
    type: "event",
    name: "Odd",
    inputs: [
      { type: "string", name: "text", indexed: true },
      { type: "int64", name: "signed", indexed: true },
      { type: "int32", name: "small", indexed: false },
      { type: "bytes4", name: "selector", indexed: false },
      { type: "uint48", name: "limit", indexed: false },
      { type: "bool", name: "yes", indexed: false },
    ],
  },
] as const satisfies Abi;
const ABIS: Abi[] = [
  buybackAuctionAbi,
  flkAbi,
  flkGovernorAbi,
  slasherAbi,
  clientVaultAbi,
  epochSettlementAbi,
  nodeStakingAbi,
  protocolParametersAbi,
  serviceRegistryAbi,
  OTHERS,
];

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => `0x${Buffer.from(value).toString("hex")}`);

function arbitraryOf(parameter: AbiParameter): fc.Arbitrary<unknown> {
  const { type } = parameter;
  if (type.endsWith("]"))
    return fc.array(arbitraryOf({ ...parameter, type: type.slice(0, -2) }), { maxLength: 3 });
  if (type === "tuple") {
    const { components } = parameter as { components: readonly AbiParameter[] };
    return fc.record(Object.fromEntries(components.map((item) => [item.name ?? "", arbitraryOf(item)])));
  }
  if (type === "address") return hex(20);
  if (type === "bool") return fc.boolean();
  if (type === "string") return fc.string();
  if (type === "bytes") return hex(7);
  const bytes = /^bytes(\d+)$/.exec(type)?.[1];
  if (bytes !== undefined) return hex(Number(bytes));
  const [, unsigned, digits] = /^(u?)int(\d+)$/.exec(type) as unknown as [string, string, string];
  const bits = BigInt(digits);
  const value = unsigned
    ? fc.bigInt(0n, 2n ** bits - 1n)
    : fc.bigInt(-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n);
  return bits > 48n ? value : value.map(Number);
}

/** Addresses in lower case, wherever they are. */
function lowered(value: unknown): unknown {
  if (typeof value === "string") return /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map(lowered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lowered(inner)]));
}

for (const abi of ABIS) {
  const decode = createEventDecoder(abi);
  for (const event of abi.filter((item): item is AbiEvent => item.type === "event")) {
    test(`${event.name} decodes as viem decodes it`, () => {
      const names = Object.fromEntries(event.inputs.map((input) => [input.name ?? "", arbitraryOf(input)]));
      const plain = event.inputs.filter((input) => !input.indexed);
      fc.assert(
        fc.property(fc.record(names), (args) => {
          const topics = encodeEventTopics({ abi: [event], eventName: event.name, args }) as [Hex, ...Hex[]];
          const data = encodeAbiParameters(
            plain,
            plain.map((input) => args[input.name ?? ""]),
          );
          const expected = decodeEventLog({ abi: [event], topics, data });
          const got = decode(topics, data);
          assert.equal(got?.eventName, event.name);
          assert.deepEqual(lowered(got?.args), lowered(expected.args ?? {}));
          if (topics.length > 1) assert.throws(() => decode(topics.slice(0, -1), data));
          if (plain.length > 0 && plain.every(({ type }) => !/string|bytes$|tuple|\]/.test(type)))
            assert.throws(() => decode(topics, data.slice(0, -2) as Hex));
          assert.throws(() => decode([...topics, topics[0]], data));
        }),
        { seed: 26, numRuns: 20 },
      );
    });
  }
}

test("what is no event of the ABI is told from what holds no value of its type", () => {
  const decode = createEventDecoder(OTHERS);
  const other = `0x${"11".repeat(32)}` as const;
  assert.equal(decode([other], "0x"), undefined);
  assert.equal(decode([], "0x"), undefined);
  const pause = createEventDecoder(nodeStakingAbi);
  const topics = encodeEventTopics({
    abi: nodeStakingAbi,
    eventName: "ParticipationSet",
    args: { nodeId: 1 },
  });
  assert.throws(() => pause(topics as Hex[], other), /not a boolean/);
  assert.throws(
    () => pause([topics[0] as Hex, `0x${"ff".repeat(32)}`], `0x${"00".repeat(32)}`),
    /does not fit/,
  );
});
