import { type BlsSigner, blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { popMessage } from "#protocol/digests/settlement.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { testSigner } from "../support/committee.ts";

const byVersion = new Map<number, BlsSigner>();
const byKey = new Map<Hex, BlsSigner>();
const VERSIONS = 1_000;

/** The consensus key that node `id` has, or would have, in `version`. */
export function signerOf(id: number, version: number): BlsSigner {
  const number = id + VERSIONS * version;
  const known = byVersion.get(number);
  if (known) return known;
  const signer = testSigner(number);
  byVersion.set(number, signer);
  byKey.set(toHex(signer.publicKey), signer);
  return signer;
}

/** Sum of the signatures over each message, EIP-2537. */
export function signAll(parts: { publicKey: Uint8Array; message: Uint8Array }[]): Hex {
  const signatures = parts.map(({ publicKey, message }) => holderOf(publicKey).sign(message));
  return toHex(g2ToEip2537(blsAggregateSignatures(signatures)));
}

/** EIP-2537 of the key, and the proof that `owner` may register it. */
export function provenKey(networkId: Hex, { publicKey, sign }: BlsSigner, owner: Hex): [Hex, Hex] {
  const key = g1ToEip2537(publicKey);
  return [toHex(key), toHex(g2ToEip2537(sign(popMessage(fromHex(networkId), owner, key))))];
}

function holderOf(publicKey: Uint8Array): BlsSigner {
  const signer = byKey.get(toHex(publicKey));
  if (!signer) throw new RangeError("nobody of this test holds the key");
  return signer;
}
