import type { ConsensusSigner } from "#node/interface/crypto.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { attestationMessage, attestationSlot, KIND } from "#protocol/digests/consensus.ts";
import { decode } from "#protocol/types/codec.ts";
import { type AttestationData, SignedAttestation } from "#protocol/types/consensus.ts";
import { signedBefore, signOnce } from "../protection/records.ts";

/**
 * Our attestation and the record that must be on disk before it leaves (DESIGN §6); undefined when none may be made.
 * @throws ERR_DOUBLE_SIGN
 */
export async function signAttestation(
  store: Store,
  networkId: Uint8Array,
  signer: ConsensusSigner,
  node: number,
  data: AttestationData,
): Promise<{ attestation: SignedAttestation; writes: Write[] } | undefined> {
  const message = attestationMessage(networkId, data);
  const signed = await signOnce(
    store,
    KIND.attestation,
    data.epoch,
    attestationSlot(data.index),
    message,
    () => SignedAttestation.serialize({ data, node, signature: signer.sign(message) }),
  );
  return signed && { attestation: decode(SignedAttestation, signed.bytes), writes: signed.writes };
}

export async function recordedAttestation(
  store: Store,
  epoch: number,
  index: number,
): Promise<SignedAttestation | undefined> {
  const record = await signedBefore(store, KIND.attestation, epoch, attestationSlot(index));
  return record && decode(SignedAttestation, record.bytes);
}
