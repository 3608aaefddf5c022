import { concat, encodePacked } from "viem";
import { share } from "./action.ts";
import type { Books } from "./books.ts";
import type { CertifiedList, Slash } from "./slash-ledger.ts";

export const LISTS = ["part", "whole", "above", "long", "descending", "ragged"] as const;
export type ListKind = (typeof LISTS)[number] | "none";

export const NO_LIST: CertifiedList = { bytes: "0x", slashes: [] };
const ABOVE = 10n ** 27n;
/** More than one call applies. */
const LONG = 60;

/** `nodes`: one bit for each, and one for a node that does not exist; `parts` of a hundred of what they have. */
export function slashList(
  { registry, staking }: Books,
  kind: ListKind,
  { nodes, parts }: { nodes: number; parts: number },
): CertifiedList {
  if (kind === "none") return NO_LIST;
  const ids = [...registry.nodes.map(({ id }) => id), registry.nodes.length + 1];
  const picked = ids.filter((id) => ((nodes >> (id - 1)) & 1) === 1);
  const slashes = (picked.length > 0 ? picked : [1]).map((id): Slash => {
    const available = staking.available(id);
    if (kind === "above") return { id, amount: ABOVE };
    return { id, amount: kind === "whole" ? available : share(available, parts) };
  });
  if (kind === "long") {
    for (let id = ids.length + 1; slashes.length < LONG; id++) slashes.push({ id, amount: 1n });
  }
  if (kind === "descending") slashes.push({ id: 1, amount: 1n });
  const bytes = concat(slashes.map(({ id, amount }) => encodePacked(["uint32", "uint128"], [id, amount])));
  if (kind === "ragged") return { bytes: `${bytes}00`, slashes: undefined };
  return { bytes, slashes: kind === "descending" ? undefined : slashes };
}
