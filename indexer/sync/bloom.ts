import { type Hex, keccak256 } from "viem";

/** Of a header's `logsBloom`. */
const BITS = 2048;
const FORM = new RegExp(`^0x[0-9a-f]{${BITS / 4}}$`, "i");
/** Of a bloom: with more of them set, what is in it by chance says nothing. */
const MOST = BITS / 2;

/** The three bits that an address or a topic sets. */
export type BloomBits = readonly [number, number, number];

export function bloomBits(value: Hex): BloomBits {
  const hash = keccak256(value).slice(2);
  const bit = (at: number) => Number.parseInt(hash.slice(4 * at, 4 * at + 4), 16) % BITS;
  return [bit(0), bit(1), bit(2)];
}

/** Asks a bloom what may be in it; undefined for one that says nothing: left out, of another form, or too full. */
export function readBloom(bloom: unknown): ((bits: BloomBits) => boolean) | undefined {
  if (typeof bloom !== "string" || !FORM.test(bloom)) return undefined;
  const value = BigInt(bloom);
  if (value.toString(2).replaceAll("0", "").length > MOST) return undefined;
  return (bits) => bits.every((bit) => ((value >> BigInt(bit)) & 1n) === 1n);
}
