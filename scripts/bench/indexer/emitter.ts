import { concatHex, type Hex, numberToHex, padHex, size } from "viem";

/** A log without its address. */
export interface RawLog {
  topics: readonly Hex[];
  data: Hex;
}

const OP = {
  ...{ STOP: 0x00, ADD: 0x01, GT: 0x11, EQ: 0x14, ISZERO: 0x15, AND: 0x16, NOT: 0x19, SHL: 0x1b },
  ...{ CALLDATALOAD: 0x35, CALLDATASIZE: 0x36, CALLDATACOPY: 0x37, POP: 0x50, JUMP: 0x56, JUMPI: 0x57 },
  ...{ JUMPDEST: 0x5b, PUSH1: 0x60, PUSH2: 0x61, DUP1: 0x80, SWAP1: 0x90, LOG0: 0xa0 },
};

type Step = number | { at: string } | { to: string };

const push = (value: number): Step[] => [OP.PUSH1, value];
const dup = (depth: number): Step => OP.DUP1 + depth - 1;
const jump = (label: string, how: number): Step[] => [OP.PUSH2, { to: label }, how];

/** Pushes `count` topics (of the record at stack place 4), the size and the offset of the data, and logs. */
function logWith(count: number): Step[] {
  const topics = Array.from({ length: count }, (_, pushed) => {
    const offset = 64 + 32 * (count - 1 - pushed);
    return [dup(4 + pushed), ...push(offset), OP.ADD, OP.CALLDATALOAD];
  }).flat();
  return [...topics, dup(3 + count), ...push(0), OP.LOG0 + count];
}

function assemble(steps: Step[]): Hex {
  const places = new Map<string, number>();
  let at = 0;
  for (const step of steps) {
    if (typeof step === "object" && "at" in step) places.set(step.at, at);
    at += typeof step === "object" && "to" in step ? 2 : 1;
  }
  const bytes = steps.map((step): Hex => {
    if (typeof step === "number") return numberToHex(step, { size: 1 });
    if ("at" in step) return numberToHex(OP.JUMPDEST, { size: 1 });
    return numberToHex(places.get(step.to) ?? 0, { size: 2 });
  });
  return concatHex(bytes);
}

/**
 * Code that emits the logs in its calldata, one after the other: so that a chain of any length is made in seconds, whose logs are
 * those of the contracts to the byte. A record is two words (size of the data, number of topics), the topics, and the padded data.
 */
export function emitterCode(): Hex {
  const branches = [1, 2, 3].flatMap((count) => [
    dup(2),
    ...push(count),
    OP.EQ,
    ...jump(`log${count}`, OP.JUMPI),
  ]);
  const logs = [4, 3, 2, 1].flatMap((count) => [
    { at: `log${count}` },
    ...logWith(count),
    ...jump("next", OP.JUMP),
  ]);
  return assemble([
    ...[...push(0), { at: "loop" }, dup(1), OP.CALLDATASIZE, OP.GT, OP.ISZERO, ...jump("end", OP.JUMPI)],
    // place, size, count, where the data is
    ...[dup(1), OP.CALLDATALOAD, dup(2), ...push(32), OP.ADD, OP.CALLDATALOAD],
    ...[dup(1), ...push(5), OP.SHL, dup(4), OP.ADD, ...push(64), OP.ADD],
    ...[dup(3), dup(2), ...push(0), OP.CALLDATACOPY],
    // the last becomes the place of the next record
    ...[dup(3), ...push(31), OP.ADD, ...push(31), OP.NOT, OP.AND, OP.ADD],
    ...branches,
    ...logs,
    ...[{ at: "next" }, OP.SWAP1 + 2, OP.POP, OP.POP, OP.POP, ...jump("loop", OP.JUMP)],
    ...[{ at: "end" }, OP.STOP],
  ]);
}

/** Calldata for that code. */
export function emitterCalldata(logs: readonly RawLog[]): Hex {
  return concatHex(
    logs.flatMap(({ topics, data }) => {
      const length = size(data);
      const head = [
        numberToHex(length, { size: 32 }),
        numberToHex(topics.length, { size: 32 }),
        ...topics,
      ] as const;
      return length === 0
        ? head
        : [...head, padHex(data, { dir: "right", size: 32 * Math.ceil(length / 32) })];
    }),
  );
}
