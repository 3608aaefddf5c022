import type { L2Settlement } from "#protocol/digests/settlement.ts";

export interface Difference {
  field: keyof L2Settlement;
  posted: string;
  computed: string;
}

/** The fields of a settlement that are posted otherwise than they were computed, in the order of the contract. */
export function differences(posted: L2Settlement, computed: L2Settlement): Difference[] {
  const fields = Object.keys(computed) as (keyof L2Settlement)[];
  return fields
    .filter((field) => posted[field] !== computed[field])
    .map((field) => ({ field, posted: String(posted[field]), computed: String(computed[field]) }));
}
