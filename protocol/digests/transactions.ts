import type { Type } from "@chainsafe/ssz";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hashTypedData, keccak256 } from "viem";
import { type Ed25519Signer, ed25519Verify } from "#crypto";
import { FlkError } from "../errors/error.ts";
import { decode } from "../types/codec.ts";
import { fromHex, type Hex, toHex } from "../types/hex.ts";
import {
  AuthorizeSession,
  Participation,
  RevokeSession,
  SignedTransaction,
  SubmitAcks,
  SubmitReputation,
  SubmitReserve,
  Transfer,
  TX,
  Withdraw,
} from "../types/transactions.ts";
import type { NetworkContext } from "./network.ts";
import { taggedDigest } from "./ssz-digest.ts";

/** A parsed transaction: `body` by `kind`. */
export type Transaction =
  | { kind: typeof TX.transfer; body: Transfer }
  | { kind: typeof TX.withdraw; body: Withdraw }
  | { kind: typeof TX.authorizeSession; body: AuthorizeSession }
  | { kind: typeof TX.revokeSession; body: RevokeSession }
  | { kind: typeof TX.submitAcks; body: SubmitAcks }
  | { kind: typeof TX.optIn; body: Participation }
  | { kind: typeof TX.optOut; body: Participation }
  | { kind: typeof TX.reserve; body: SubmitReserve }
  | { kind: typeof TX.submitReputation; body: SubmitReputation };

export type AccountTransaction = Extract<Transaction, { body: { account: Uint8Array } }>;
export type NodeTransaction = Extract<Transaction, { body: { node: number } }>;

/** The container of a kind's payload; undefined when there is no such kind. */
export function payloadType(kind: number): Type<unknown> | undefined {
  switch (kind) {
    case TX.transfer:
      return Transfer;
    case TX.withdraw:
      return Withdraw;
    case TX.authorizeSession:
      return AuthorizeSession;
    case TX.revokeSession:
      return RevokeSession;
    case TX.submitAcks:
      return SubmitAcks;
    case TX.optIn:
    case TX.optOut:
      return Participation;
    case TX.reserve:
      return SubmitReserve;
    case TX.submitReputation:
      return SubmitReputation;
    default:
      return undefined;
  }
}

/** @throws ERR_TX_UNKNOWN_KIND, ERR_DECODE */
export function parsePayload(kind: number, payload: Uint8Array): Transaction {
  switch (kind) {
    case TX.transfer:
      return { kind, body: decode(Transfer, payload) };
    case TX.withdraw:
      return { kind, body: decode(Withdraw, payload) };
    case TX.authorizeSession:
      return { kind, body: decode(AuthorizeSession, payload) };
    case TX.revokeSession:
      return { kind, body: decode(RevokeSession, payload) };
    case TX.submitAcks:
      return { kind, body: decode(SubmitAcks, payload) };
    case TX.optIn:
    case TX.optOut:
      return { kind, body: decode(Participation, payload) };
    case TX.reserve:
      return { kind, body: decode(SubmitReserve, payload) };
    case TX.submitReputation:
      return { kind, body: decode(SubmitReputation, payload) };
    default:
      throw new FlkError("ERR_TX_UNKNOWN_KIND", `no transaction of kind ${kind}`, { kind });
  }
}

export function serializePayload(tx: Transaction): Uint8Array {
  switch (tx.kind) {
    case TX.transfer:
      return Transfer.serialize(tx.body);
    case TX.withdraw:
      return Withdraw.serialize(tx.body);
    case TX.authorizeSession:
      return AuthorizeSession.serialize(tx.body);
    case TX.revokeSession:
      return RevokeSession.serialize(tx.body);
    case TX.submitAcks:
      return SubmitAcks.serialize(tx.body);
    case TX.optIn:
    case TX.optOut:
      return Participation.serialize(tx.body);
    case TX.reserve:
      return SubmitReserve.serialize(tx.body);
    case TX.submitReputation:
      return SubmitReputation.serialize(tx.body);
  }
}

const TYPES = {
  Transfer: [
    { name: "account", type: "address" },
    { name: "nonce", type: "uint64" },
    { name: "to", type: "address" },
    { name: "amount", type: "uint64" },
  ],
  Withdraw: [
    { name: "account", type: "address" },
    { name: "nonce", type: "uint64" },
    { name: "amount", type: "uint64" },
  ],
  AuthorizeSession: [
    { name: "account", type: "address" },
    { name: "nonce", type: "uint64" },
    { name: "scheme", type: "uint8" },
    { name: "key", type: "bytes32" },
    { name: "expiryEpoch", type: "uint64" },
    { name: "limit", type: "uint64" },
  ],
  RevokeSession: [
    { name: "account", type: "address" },
    { name: "nonce", type: "uint64" },
    { name: "key", type: "bytes32" },
  ],
} as const;

/** EIP-712 (DESIGN §4) in the shape that wallets and viem's `signTypedData` take. */
export function accountTypedData(
  network: NetworkContext,
  tx: AccountTransaction,
): {
  domain: { name: string; version: string; chainId: number; verifyingContract: Hex };
  types: Record<string, readonly { name: string; type: string }[]>;
  primaryType: keyof typeof TYPES;
  message: Record<string, unknown>;
} {
  const domain = {
    name: "flk",
    version: "1",
    chainId: network.chainId,
    verifyingContract: network.settlement,
  };
  const account = toHex(tx.body.account);
  const nonce = BigInt(tx.body.nonce);
  switch (tx.kind) {
    case TX.transfer:
      return {
        domain,
        types: TYPES,
        primaryType: "Transfer",
        message: { account, nonce, to: toHex(tx.body.to), amount: tx.body.amount },
      };
    case TX.withdraw:
      return {
        domain,
        types: TYPES,
        primaryType: "Withdraw",
        message: { account, nonce, amount: tx.body.amount },
      };
    case TX.authorizeSession: {
      const { scheme, key, expiryEpoch, limit } = tx.body;
      const message = { account, nonce, scheme, key: toHex(key), expiryEpoch: BigInt(expiryEpoch), limit };
      return { domain, types: TYPES, primaryType: "AuthorizeSession", message };
    }
    case TX.revokeSession:
      return {
        domain,
        types: TYPES,
        primaryType: "RevokeSession",
        message: { account, nonce, key: toHex(tx.body.key) },
      };
  }
}

/** 32 bytes */
export function accountDigest(network: NetworkContext, tx: AccountTransaction): Uint8Array {
  return fromHex(hashTypedData(accountTypedData(network, tx)));
}

/** 32 bytes; the kind is part of the tag. */
export function nodeDigest(network: NetworkContext, tx: NodeTransaction): Uint8Array {
  return taggedDigest(`tx-${tx.kind}`, network.networkId, serializePayload(tx));
}

/** True when `signature` (r ‖ s ‖ v, low s) over the EIP-712 digest is by `tx.body.account`. False for anything malformed. */
export function verifyAccountSignature(
  network: NetworkContext,
  tx: AccountTransaction,
  signature: Uint8Array,
): boolean {
  const v = signature[64];
  if (signature.length !== 65 || (v !== 27 && v !== 28)) return false;
  try {
    const compact = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
    if (compact.hasHighS()) return false;
    const point = compact.addRecoveryBit(v - 27).recoverPublicKey(accountDigest(network, tx));
    const address = fromHex(keccak256(point.toBytes(false).subarray(1))).subarray(12);
    return toHex(address) === toHex(tx.body.account);
  } catch {
    return false;
  }
}

export function verifyNodeSignature(
  network: NetworkContext,
  tx: NodeTransaction,
  networkKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  return ed25519Verify(networkKey, nodeDigest(network, tx), signature);
}

/** Bytes for the wire of a node-signed transaction. */
export function signNodeTransaction(
  network: NetworkContext,
  tx: NodeTransaction,
  signer: Ed25519Signer,
): Uint8Array {
  const signature = signer.sign(nodeDigest(network, tx));
  return SignedTransaction.serialize({ kind: tx.kind, payload: serializePayload(tx), signature });
}

/** Bytes for the wire of an account-signed transaction; `signature` as a wallet returns it. */
export function encodeAccountTransaction(tx: AccountTransaction, signature: Hex): Uint8Array {
  return SignedTransaction.serialize({
    kind: tx.kind,
    payload: serializePayload(tx),
    signature: fromHex(signature, 65),
  });
}
