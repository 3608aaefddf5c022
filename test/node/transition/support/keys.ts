import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "viem";
import { type Ed25519Signer, ed25519Signer, sha256 } from "#crypto";
import { type BlsSigner, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import {
  type AccountTransaction,
  accountDigest,
  encodeAccountTransaction,
} from "#protocol/digests/transactions.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";

/** 32 bytes from a name: fixed keys make fixed runs. */
export function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(name));
}

export interface Account {
  address: Uint8Array;
  sign(network: NetworkContext, tx: AccountTransaction): Uint8Array;
}

export function accountOf(name: string): Account {
  const secret = seedOf(`account ${name}`);
  const publicKey = secp256k1.getPublicKey(secret, false);
  const address = fromHex(keccak256(publicKey.subarray(1))).slice(12);
  return {
    address,
    sign(network, tx) {
      const raw = secp256k1.sign(accountDigest(network, tx), secret, { prehash: false, format: "recovered" });
      const signature = new Uint8Array(65);
      signature.set(raw.subarray(1), 0);
      signature[64] = 27 + (raw[0] ?? 0);
      return encodeAccountTransaction(tx, toHex(signature));
    },
  };
}

export function sessionOf(name: string): Ed25519Signer {
  return ed25519Signer(seedOf(`session ${name}`));
}

export interface NodeKeys {
  nodeId: number;
  owner: Uint8Array;
  consensus: BlsSigner;
  network: Ed25519Signer;
}

export function nodeKeys(nodeId: number): NodeKeys {
  return {
    nodeId,
    owner: accountOf(`operator ${nodeId}`).address,
    consensus: blsSigner(blsKeygen(seedOf(`consensus ${nodeId}`))),
    network: ed25519Signer(seedOf(`network ${nodeId}`)),
  };
}
