import { keccak_256 } from "@noble/hashes/sha3.js";
import { MAX_U64 } from "../types/bigint.ts";
import { fromHex } from "../types/hex.ts";
import type { NetworkContext } from "./network.ts";

const WORD = 32;
const text = new TextEncoder();

/** The EIP-712 type hash of a struct whose fields are of elementary types of one word. */
export function typeHash(name: string, fields: readonly { name: string; type: string }[]): Uint8Array {
  return keccak_256(
    text.encode(`${name}(${fields.map((field) => `${field.type} ${field.name}`).join(",")})`),
  );
}

const DOMAIN = typeHash("EIP712Domain", [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
]);
/** What names the protocol in its domain, beside the network. */
export const PROTOCOL = { name: "flk", version: "1" } as const;
const NAME = keccak_256(text.encode(PROTOCOL.name));
const VERSION = keccak_256(text.encode(PROTOCOL.version));

/** Domain separators by network: each is asked for with every signature. */
const separators = new WeakMap<NetworkContext, Uint8Array>();

function domainSeparator(network: NetworkContext): Uint8Array {
  const known = separators.get(network);
  if (known) return known;
  const contract = bytesWord(fromHex(network.settlement, 20));
  const separator = hashWords([DOMAIN, NAME, VERSION, numberWord(network.chainId), contract]);
  separators.set(network, separator);
  return separator;
}

/** A uint of up to 64 bits. @throws RangeError when it does not fit */
export function numberWord(value: number | bigint): Uint8Array {
  const exact = BigInt(value);
  if (exact < 0n || exact > MAX_U64) throw new RangeError(`not a u64: ${value}`);
  const out = new Uint8Array(WORD);
  new DataView(out.buffer).setBigUint64(WORD - 8, exact);
  return out;
}

/** An address or a bytes32. @throws RangeError when it has another length */
export function bytesWord(bytes: Uint8Array): Uint8Array {
  if (bytes.length === WORD) return bytes;
  if (bytes.length !== 20) throw new RangeError(`neither an address nor a word: ${bytes.length} bytes`);
  const out = new Uint8Array(WORD);
  out.set(bytes, WORD - bytes.length);
  return out;
}

function hashWords(words: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(words.length * WORD);
  for (const [at, word] of words.entries()) out.set(word, at * WORD);
  return keccak_256(out);
}

/** keccak256(0x1901 ‖ domain separator ‖ hash of the struct), the struct as its type hash and its fields. */
export function typedDigest(network: NetworkContext, struct: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(2 + 2 * WORD);
  out.set([0x19, 0x01]);
  out.set(domainSeparator(network), 2);
  out.set(hashWords(struct), 2 + WORD);
  return keccak_256(out);
}
