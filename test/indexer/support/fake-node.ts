import { CertifiedBlock } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";
import { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";
import type { TestChain } from "./chain.ts";
import { type FakeRpc, startFakeRpc } from "./fake-rpc.ts";

/** What a node may serve instead of the truth. */
export interface Lies {
  block?: (height: number, block: CertifiedBlock) => CertifiedBlock;
  report?: (epoch: number, report: EpochReport) => EpochReport;
  certificate?: (epoch: number, certificate: SettlementCertificate) => SettlementCertificate | undefined;
}

/** What a node serves. */
export type ServedChain = Pick<TestChain, "blocks" | "reports" | "certificates" | "epoch">;

export function startFakeNode(chain: () => ServedChain, lies: Lies = {}): Promise<FakeRpc> {
  const truth = <T>(_: number, value: T) => value;
  return startFakeRpc((method, [key]) => {
    const { blocks, reports, certificates, epoch } = chain();
    const number = key as number;
    switch (method) {
      case "flk_get_epoch_info":
        return { epoch, height: blocks.length - 1 };
      case "flk_get_block_ssz":
        return ssz(CertifiedBlock, blocks[number] && (lies.block ?? truth)(number, blocks[number]));
      case "flk_get_epoch_report":
        return ssz(EpochReport, reports[number] && (lies.report ?? truth)(number, reports[number]));
      case "flk_get_settlement_certificate":
        return ssz(
          SettlementCertificate,
          certificates[number] && (lies.certificate ?? truth)(number, certificates[number]),
        );
      default:
        throw new Error(`no method ${method}`);
    }
  });
}

function ssz<T>(type: { serialize(value: T): Uint8Array }, value: T | undefined): { ssz: string } | null {
  return value === undefined ? null : { ssz: toHex(type.serialize(value)) };
}
