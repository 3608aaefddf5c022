import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "viem";
import { type Ed25519Signer, ed25519Signer, sha256 } from "#crypto";
import { accountDigest, encodeAccountTransaction } from "#protocol/digests/transactions.ts";
import { SESSION_SCHEME_ED25519 } from "#protocol/types/ack.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { CONTEXT } from "../support/network.ts";

/** micro-USD per epoch */
const LIMIT = 500_000_000n;

function secret(domain: number, number: number): Uint8Array {
  return sha256(Uint8Array.of(domain, number >> 24, number >> 16, number >> 8, number));
}

/** Client `number` of the bench: everyone knows its keys. */
export function accountOf(number: number): Uint8Array {
  const publicKey = secp256k1.getPublicKey(secret(0xac, number), false);
  return fromHex(keccak256(publicKey.subarray(1))).slice(12);
}

export function sessionOf(number: number): Ed25519Signer {
  return ed25519Signer(secret(0x5e, number));
}

/** The signed transaction by which client `number` authorises its session key. */
export function authorization(number: number): Uint8Array {
  const body = {
    ...{ account: accountOf(number), nonce: 0, scheme: SESSION_SCHEME_ED25519 },
    ...{ key: sessionOf(number).publicKey, expiryEpoch: 100, limit: LIMIT },
  };
  const tx = { kind: TX.authorizeSession, body } as const;
  const options = { prehash: false, format: "recovered" } as const;
  const raw = secp256k1.sign(accountDigest(CONTEXT, tx), secret(0xac, number), options);
  const signature = new Uint8Array(65);
  signature.set(raw.subarray(1), 0);
  signature[64] = 27 + (raw[0] ?? 0);
  return encodeAccountTransaction(tx, toHex(signature));
}
