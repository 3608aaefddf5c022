import { keccak256 } from "viem";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { decode } from "#protocol/types/codec.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { EpochReport, type Settlement, SettlementCertificate } from "#protocol/types/settlement.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { bytes, object } from "../rpc/json.ts";

/** Settlement of a closed epoch, by its certificate; undefined while there is none. The signature is not checked here. */
export async function getSettlement(
  client: FlkClient,
  { epoch }: { epoch: number },
): Promise<{ settlement: Settlement; digest: Hex } | undefined> {
  const result = await client.request("flk_get_settlement_certificate", [epoch]);
  if (result === null) return undefined;
  const { settlement } = decode(SettlementCertificate, bytes(object(result, "certificate").ssz, "ssz"));
  return { settlement, digest: toHex(settlementDigest(settlement)) };
}

/** Report of a closed epoch, checked against the hash in its settlement. @throws ERR_REPORT_HASH */
export async function getEpochReport(
  client: FlkClient,
  { epoch, reportHash }: { epoch: number; reportHash?: Uint8Array },
): Promise<EpochReport | undefined> {
  const result = await client.request("flk_get_epoch_report", [epoch]);
  if (result === null) return undefined;
  const ssz = bytes(object(result, "report").ssz, "ssz");
  if (reportHash && keccak256(ssz) !== toHex(reportHash)) {
    throw clientError("ERR_REPORT_HASH", `the node's report of epoch ${epoch} is not the settled one`, {
      epoch,
    });
  }
  return decode(EpochReport, ssz);
}
