import { decode } from "#protocol/types/codec.ts";
import { quorumPower, totalPower } from "#protocol/types/committee.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { SettlementCertificate } from "#protocol/types/settlement.ts";
import { oncePer } from "../../once-per.ts";
import type { epochs } from "../../store/schema.ts";
import type { Refs } from "../refs.ts";

/** Who signed the settlement of an epoch. */
export interface Certificate {
  signers: number[];
  absent: number[];
  power: number;
  totalPower: number;
  quorum: number;
  signature: string;
}

/** Null until the epoch has one. Decoded once for a row, however many aliases ask. */
export const certificateOf = oncePer(({ certificate }: typeof epochs.$inferSelect): Certificate | null => {
  if (certificate === null) return null;
  const { committee, signers, signature } = decode(SettlementCertificate, fromHex(certificate));
  const signing = committee.members.filter((_, i) => signers.get(i));
  const absent = committee.members.filter((_, i) => !signers.get(i));
  const idsOf = (members: typeof signing): number[] =>
    members.map(({ nodeId }) => nodeId).sort((a, b) => a - b);
  return {
    signers: idsOf(signing),
    absent: idsOf(absent),
    power: signing.reduce((sum, { power }) => sum + power, 0),
    totalPower: totalPower(committee),
    quorum: quorumPower(committee),
    signature: toHex(signature),
  };
});

export function addCertificate(refs: Refs): void {
  refs.certificate.implement({
    description:
      "The committee's aggregated signature over the settlement of its epoch; checked before it is stored.",
    fields: (t) => ({
      signers: t.exposeIntList("signers", { description: "Node ids, ascending." }),
      absent: t.exposeIntList("absent", { description: "Members that did not sign, ascending." }),
      power: t.exposeInt("power", { description: "Of the signers." }),
      totalPower: t.exposeInt("totalPower", { description: "Of the committee." }),
      quorum: t.exposeInt("quorum", { description: "Power that a certificate needs: 2f+1." }),
      signature: t.expose("signature", { type: "Hex", description: "BLS12-381, compressed G2." }),
    }),
  });
}
