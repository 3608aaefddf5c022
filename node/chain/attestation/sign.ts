import type { ConsensusSigner } from "#node/interface/crypto.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { attestationMessage, KIND } from "#protocol/digests/consensus.ts";
import { decode } from "#protocol/types/codec.ts";
import { type AttestationData, SignedAttestation } from "#protocol/types/consensus.ts";
import { signedBefore, signOnce } from "../support/protection.ts";

/**
 * Our attestation and the record that must be on disk before it leaves (DESIGN §6).
 * @throws ERR_DOUBLE_SIGN
 */
export async function signAttestation(
  store: Store,
  networkId: Uint8Array,
  signer: ConsensusSigner,
  node: number,
  data: AttestationData,
): Promise<{ attestation: SignedAttestation; writes: Write[] }> {
  const message = attestationMessage(networkId, data);
  const { bytes, writes } = await signOnce(store, KIND.attestation, data.epoch, data.index, message, () =>
    SignedAttestation.serialize({ data, node, signature: signer.sign(message) }),
  );
  return { attestation: decode(SignedAttestation, bytes), writes };
}

export async function recordedAttestation(
  store: Store,
  epoch: number,
  index: number,
): Promise<SignedAttestation | undefined> {
  const record = await signedBefore(store, KIND.attestation, epoch, index);
  return record && decode(SignedAttestation, record.bytes);
}
