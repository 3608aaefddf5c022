import type { BridgeLedger } from "./bridge-ledger.ts";
import type { ParameterLedger } from "./parameter-ledger.ts";
import type { RegistryLedger } from "./registry-ledger.ts";
import type { SlashLedger, SlashTerms } from "./slash-ledger.ts";
import type { StakingLedger } from "./staking-ledger.ts";

/** All ledgers of one walk. */
export interface Books {
  bridge: BridgeLedger;
  registry: RegistryLedger;
  staking: StakingLedger;
  slasher: SlashLedger;
  parameters: ParameterLedger;
}

export function slashTerms({ parameters, bridge }: Books): SlashTerms {
  const next = bridge.nextEpoch;
  return {
    next,
    slashBps: parameters.get("equivocationSlashBps", next),
    rewardBps: parameters.get("reporterRewardBps", next),
    maxPerEpoch: parameters.get("maxSlashPerEpoch", next),
    evidenceEpochs: parameters.evidenceEpochs(next),
  };
}
