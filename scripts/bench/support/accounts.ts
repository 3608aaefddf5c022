import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "viem";
import { sha256 } from "#crypto";
import {
  type AccountTransaction,
  accountDigest,
  encodeAccountTransaction,
} from "#protocol/digests/transactions.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { CONTEXT } from "./network.ts";

/** 32 bytes that everyone can compute. */
export function secret(domain: number, number: number): Uint8Array {
  return sha256(Uint8Array.of(domain, number >> 24, number >> 16, number >> 8, number));
}

/** Account `number` of a bench: everyone knows its key. */
export function accountOf(number: number): Uint8Array {
  const publicKey = secp256k1.getPublicKey(secret(0xac, number), false);
  return fromHex(keccak256(publicKey.subarray(1))).slice(12);
}

/** With the signature of account `number`, as it goes to a node. */
export function signedBy(number: number, tx: AccountTransaction): Uint8Array {
  const options = { prehash: false, format: "recovered" } as const;
  const raw = secp256k1.sign(accountDigest(CONTEXT, tx), secret(0xac, number), options);
  const signature = new Uint8Array(65);
  signature.set(raw.subarray(1), 0);
  signature[64] = 27 + (raw[0] ?? 0);
  return encodeAccountTransaction(tx, toHex(signature));
}
