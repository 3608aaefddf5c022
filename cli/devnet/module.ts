/**
 * What the clients have run: a step of a generator of numbers, so and so many times, which takes as long as it is told to. Read from the binary
 * format of WebAssembly, section by section.
 */
const SECTIONS = [
  // magic, version
  ["0061736d", "01000000"],
  // types: (i32 i32 i32), (i32 i32), ()
  ["01", "0f", "03", "60037f7f7f00", "60027f7f00", "600000"],
  // imports: flk.read_input of type 0, flk.write_output of type 1
  ["02", "25", "02"],
  ["03", "666c6b", "0a", "726561645f696e707574", "00", "00"],
  ["03", "666c6b", "0c", "77726974655f6f7574707574", "00", "01"],
  // functions: one of type 2
  ["03", "02", "01", "02"],
  // memory: one page
  ["05", "03", "01", "00", "01"],
  // exports: memory 0, function 2 as run
  ["07", "10", "02", "06", "6d656d6f7279", "02", "00", "03", "72756e", "00", "02"],
  // code: one body with two locals, x and left
  ["0a", "46", "01", "44", "01", "02", "7f"],
  // read_input(0, 0, 8)
  ["4100", "4100", "4108", "1000"],
  // x = load(0), left = load(4)
  ["4100", "280200", "2100"],
  ["4104", "280200", "2101"],
  // loop: x = x · 1664525 + 1013904223
  ["0340", "2000", "418dcce500", "6c", "41dfe6bbe303", "6a", "2100"],
  // again if (left = left − 1)
  ["2001", "4101", "6b", "2201", "0d00", "0b"],
  // store(0, x), write_output(0, 4)
  ["4100", "2000", "360200"],
  ["4100", "4104", "1001", "0b"],
];
const [FACTOR, ADDEND] = [1_664_525, 1_013_904_223];

export const MODULE: Uint8Array = new Uint8Array(Buffer.from(SECTIONS.flat().join(""), "hex"));

/** Both u32, `times` at least 1. */
export function moduleInput(seed: number, times: number): Uint8Array {
  const input = new DataView(new ArrayBuffer(8));
  input.setUint32(0, seed, true);
  input.setUint32(4, times, true);
  return new Uint8Array(input.buffer);
}

/** What it writes, in as many steps as `times` has bits: twice a step is a step as well. */
export function moduleOutput(seed: number, times: number): Uint8Array {
  let [factor, addend, x] = [FACTOR, ADDEND, seed];
  for (let left = times; left > 0; left >>>= 1) {
    if (left & 1) x = (Math.imul(x, factor) + addend) | 0;
    addend = (Math.imul(addend, factor) + addend) | 0;
    factor = Math.imul(factor, factor);
  }
  const output = new DataView(new ArrayBuffer(4));
  output.setInt32(0, x, true);
  return new Uint8Array(output.buffer);
}
