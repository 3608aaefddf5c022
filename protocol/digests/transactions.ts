import type { Type } from "@chainsafe/ssz";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Ed25519Signer, ed25519Verify, recoverPublicKey } from "#crypto";
import { FlkError } from "../errors/error.ts";
import { compareBytes, decode, equalBytes } from "../types/codec.ts";
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
import { bytesWord, numberWord, PROTOCOL, typedDigest, typeHash } from "./typed-data.ts";

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

/** All types have one field or more, and no field is of a type of its own or of variable length. */
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
    ...PROTOCOL,
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

const TYPE_HASHES = {
  transfer: typeHash("Transfer", TYPES.Transfer),
  withdraw: typeHash("Withdraw", TYPES.Withdraw),
  authorizeSession: typeHash("AuthorizeSession", TYPES.AuthorizeSession),
  revokeSession: typeHash("RevokeSession", TYPES.RevokeSession),
};

/** The EIP-712 digest of `accountTypedData`, 32 bytes. */
export function accountDigest(network: NetworkContext, tx: AccountTransaction): Uint8Array {
  const account = bytesWord(tx.body.account);
  const nonce = numberWord(tx.body.nonce);
  switch (tx.kind) {
    case TX.transfer: {
      const { to, amount } = tx.body;
      return typedDigest(network, [TYPE_HASHES.transfer, account, nonce, bytesWord(to), numberWord(amount)]);
    }
    case TX.withdraw:
      return typedDigest(network, [TYPE_HASHES.withdraw, account, nonce, numberWord(tx.body.amount)]);
    case TX.authorizeSession: {
      const { scheme, key, expiryEpoch, limit } = tx.body;
      const words = [numberWord(scheme), bytesWord(key), numberWord(expiryEpoch), numberWord(limit)];
      return typedDigest(network, [TYPE_HASHES.authorizeSession, account, nonce, ...words]);
    }
    case TX.revokeSession:
      return typedDigest(network, [TYPE_HASHES.revokeSession, account, nonce, bytesWord(tx.body.key)]);
  }
}

/** 32 bytes; the kind is part of the tag. */
export function nodeDigest(network: NetworkContext, tx: NodeTransaction): Uint8Array {
  return taggedDigest(`tx-${tx.kind}`, network.networkId, serializePayload(tx));
}

/** ⌊n/2⌋ of the curve: (r, n − s) is a signature, too, and only the one with the lower s counts. */
const HIGHEST_S = fromHex("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/** True when `signature` (r ‖ s ‖ v, low s) over the EIP-712 digest is by `tx.body.account`. False for anything malformed. */
export function verifyAccountSignature(
  network: NetworkContext,
  tx: AccountTransaction,
  signature: Uint8Array,
): boolean {
  const v = signature[64];
  if (signature.length !== 65 || (v !== 27 && v !== 28)) return false;
  if (compareBytes(signature.subarray(32, 64), HIGHEST_S) > 0) return false;
  const key = recoverPublicKey(accountDigest(network, tx), signature.subarray(0, 64), v === 28 ? 1 : 0);
  return key !== undefined && equalBytes(keccak_256(key.subarray(1)).subarray(12), tx.body.account);
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
