import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { serializePayload } from "#protocol/digests/transactions.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";

/** Signatures kept in mind, 200 to 500 bytes each. */
const CAPACITY = 65_536;

/**
 * Asks `verifier` once about what is right, and of the rest each time: a node meets a signature at its edge or its pool, and again in the
 * block. The newest `capacity` are kept; what is wrong is forgotten, so that nobody fills it with forgeries.
 */
export function rememberSignatures(
  verifier: SignatureVerifier,
  capacity: number = CAPACITY,
): SignatureVerifier {
  const known = new Set<string>();
  const once = (id: string, check: () => boolean): boolean => {
    if (known.has(id)) return true;
    if (!check()) return false;
    if (known.size >= capacity) for (const oldest of known) if (known.delete(oldest)) break;
    known.add(id);
    return true;
  };
  return {
    account(network, tx, signature) {
      const id = [network.networkId, Uint8Array.of(tx.kind), signature, serializePayload(tx)];
      return once(id.map(bytesKey).join(""), () => verifier.account(network, tx, signature));
    },
    ed25519(key, digest, signature) {
      const id = [key, digest, signature];
      // whatever has another length is not a signature, and could make two parts look like two others
      if (key.length !== 32 || digest.length !== 32 || signature.length !== 64) {
        return verifier.ed25519(key, digest, signature);
      }
      return once(id.map(bytesKey).join(""), () => verifier.ed25519(key, digest, signature));
    },
  };
}
