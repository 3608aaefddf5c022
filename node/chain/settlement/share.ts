import type { ConsensusSigner } from "#node/interface/crypto.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { KIND, SETTLEMENT_SLOT, settlementMessage } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { decode } from "#protocol/types/codec.ts";
import { SettlementShare } from "#protocol/types/consensus.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { signedBefore, signOnce } from "../protection/records.ts";

/**
 * Our share of the settlement and the record that must be on disk before it leaves; undefined when none may be made.
 * @throws ERR_DOUBLE_SIGN
 */
export async function signSettlement(
  store: Store,
  networkId: Uint8Array,
  signer: ConsensusSigner,
  node: number,
  settlement: Settlement,
): Promise<{ share: SettlementShare; writes: Write[] } | undefined> {
  const { epoch } = settlement;
  const digest = settlementDigest(settlement);
  const message = settlementMessage(networkId, epoch, digest);
  const signed = await signOnce(store, KIND.settlement, epoch, SETTLEMENT_SLOT, message, () =>
    SettlementShare.serialize({ epoch, digest, node, signature: signer.sign(message) }),
  );
  return signed && { share: decode(SettlementShare, signed.bytes), writes: signed.writes };
}

export async function recordedShare(store: Store, epoch: number): Promise<SettlementShare | undefined> {
  const record = await signedBefore(store, KIND.settlement, epoch, SETTLEMENT_SLOT);
  return record && decode(SettlementShare, record.bytes);
}
