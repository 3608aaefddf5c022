import bls from "@chainsafe/bls";
import { PointFormat } from "@chainsafe/bls/types";
import { FlkError } from "../errors/error.ts";
import { blsPublicKey } from "./bls.ts";

/** EIP-2537 pads each 48-byte field element to 64 bytes; G2 coordinates are c0 ‖ c1 there and c1 ‖ c0 in the BLS encoding. */
const FIELD = 48;
const WORD = 64;

function pad(fields: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(fields.length * WORD);
  for (const [i, field] of fields.entries()) out.set(field, i * WORD + (WORD - FIELD));
  return out;
}

function field(bytes: Uint8Array, i: number): Uint8Array {
  return bytes.subarray(i * FIELD, (i + 1) * FIELD);
}

/** 48-byte compressed key → 128 bytes. */
export function g1ToEip2537(publicKey: Uint8Array): Uint8Array {
  const raw = blsPublicKey(publicKey).toBytes(PointFormat.uncompressed);
  return pad([field(raw, 0), field(raw, 1)]);
}

/** 96-byte compressed signature → 256 bytes. */
export function g2ToEip2537(signature: Uint8Array): Uint8Array {
  const raw = bls.Signature.fromBytes(signature, undefined, true).toBytes(PointFormat.uncompressed);
  return pad([field(raw, 1), field(raw, 0), field(raw, 3), field(raw, 2)]);
}

/** 128 bytes → 48-byte compressed key. @throws ERR_KEY */
export function g1FromEip2537(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 2 * WORD)
    throw new FlkError("ERR_KEY", "a G1 point has 128 bytes", { got: bytes.length });
  const raw = new Uint8Array(2 * FIELD);
  for (let i = 0; i < 2; i++) {
    const word = bytes.subarray(i * WORD, (i + 1) * WORD);
    if (word.subarray(0, WORD - FIELD).some((byte) => byte !== 0))
      throw new FlkError("ERR_KEY", "G1 padding is not zero");
    raw.set(word.subarray(WORD - FIELD), i * FIELD);
  }
  try {
    return bls.PublicKey.fromBytes(raw, undefined, true).toBytes();
  } catch (cause) {
    throw new FlkError("ERR_KEY", "not a G1 public key", {}, { cause });
  }
}

/** Sum of the keys, 128 bytes: the `aggregateKey` of a committee on the L2. */
export function aggregateKeyEip2537(publicKeys: Uint8Array[]): Uint8Array {
  return g1ToEip2537(bls.PublicKey.aggregate(publicKeys.map(blsPublicKey)).toBytes());
}
