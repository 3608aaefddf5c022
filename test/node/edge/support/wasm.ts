/** The least of an assembler: sections of a WebAssembly binary, so that tests need no compiler. */
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const signed = (value: number): number[] => {
  const low = value & 127;
  const rest = value >> 7;
  const last = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return last ? [low] : [low | 128, ...signed(rest)];
};
const list = (items: number[][]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, body: number[]): number[] => [id, ...leb(body.length), ...body];
const text = (value: string): number[] => [...leb(value.length), ...new TextEncoder().encode(value)];

const I32 = 0x7f;
const FUNC = 0x60;
export const op = {
  unreachable: [0x00],
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  end: [0x0b],
  br: (depth: number) => [0x0c, ...leb(depth)],
  brIf: (depth: number) => [0x0d, ...leb(depth)],
  call: (index: number) => [0x10, ...leb(index)],
  drop: [0x1a],
  get: (local: number) => [0x20, ...leb(local)],
  tee: (local: number) => [0x22, ...leb(local)],
  constant: (value: number) => [0x41, ...signed(value)],
  add: [0x6a],
  lessUnsigned: [0x49],
  grow: [0x40, 0x00],
  fill: [0xfc, 0x0b, 0x00],
} as const;
/** Imported functions by index. */
export const host = { inputSize: 0, readInput: 1, writeOutput: 2, run: 3 } as const;

/** A module with the sandbox's imports, one memory of so many pages, i32 locals (one) and the body of `run`, which may be its start function, too. */
export function moduleOf(
  body: readonly (readonly number[])[],
  options: { pages?: number; memories?: number; locals?: number; starts?: boolean } = {},
): Uint8Array {
  const { pages = 1, memories = 1, locals = 1, starts = false } = options;
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      list([
        [FUNC, ...list([]), ...list([[I32]])],
        [FUNC, ...list([[I32], [I32], [I32]]), ...list([])],
        [FUNC, ...list([[I32], [I32]]), ...list([])],
        [FUNC, ...list([]), ...list([])],
      ]),
    ),
    ...section(
      2,
      list(
        ["input_size", "read_input", "write_output"].map((name, type) => [
          ...text("flk"),
          ...text(name),
          0,
          type,
        ]),
      ),
    ),
    ...section(3, list([[3]])),
    ...section(5, list(Array.from({ length: memories }, () => [0, ...leb(pages)]))),
    ...section(
      7,
      list([
        [...text("memory"), 2, 0],
        [...text("run"), 0, host.run],
      ]),
    ),
    ...(starts ? section(8, leb(host.run)) : []),
  ];
  const code = [...list([[...leb(locals), I32]]), ...body.flat(), ...op.end];
  return Uint8Array.from([...bytes, ...section(10, list([[...leb(code.length), ...code]]))]);
}

/** Writes its input. */
export const ECHO: Uint8Array = moduleOf([
  op.constant(0),
  op.constant(0),
  op.call(host.inputSize),
  op.call(host.readInput),
  op.constant(0),
  op.call(host.inputSize),
  op.call(host.writeOutput),
]);
/** Never ends. */
export const FOREVER: Uint8Array = moduleOf([op.loop, op.br(0), op.end]);
/** Repeats, so many times. */
export function repeat(times: number, body: readonly (readonly number[])[] = []): (readonly number[])[] {
  const count = [op.get(0), op.constant(1), op.add, op.tee(0)];
  return [op.loop, ...body, ...count, op.constant(times), op.lessUnsigned, op.brIf(0), op.end];
}
/** Counts up: some hundred ms. */
export const BUSY: Uint8Array = moduleOf(repeat(2_000_000_000));
