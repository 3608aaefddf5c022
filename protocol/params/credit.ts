import { COMMODITY } from "../types/ack.ts";
import { CREDIT_WINDOW_BYTES, MAX_CREDIT_STEP_BYTES } from "./limits.ts";

/** Units that a node serves beyond what is acknowledged: at first, and at most for a key that acknowledges. Rule D3. */
export interface CreditSteps {
  first: number;
  max: number;
}

const BYTES: CreditSteps = { first: CREDIT_WINDOW_BYTES, max: MAX_CREDIT_STEP_BYTES };
const MS: CreditSteps = { first: 1_000, max: 16_000 };

/** In units of the commodity: bytes, or ms. */
export function creditSteps(commodity: number): CreditSteps {
  return commodity === COMMODITY.compute ? MS : BYTES;
}
