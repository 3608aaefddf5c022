import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { flkVotesAbi } from "#protocol/abi/FlkVotes.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { slasherAbi } from "#protocol/abi/Slasher.ts";
import type { TestL2 } from "../support/l2.ts";

/** Abi and address of what the walks call and compare. */
export function contractsOf({ deployment }: TestL2) {
  return {
    usd: { address: deployment.stable, abi: mockUsdAbi },
    flk: { address: deployment.flk, abi: flkAbi },
    vault: { address: deployment.vault, abi: clientVaultAbi },
    settlement: { address: deployment.settlement, abi: epochSettlementAbi },
    staking: { address: deployment.staking, abi: nodeStakingAbi },
    slasher: { address: deployment.slasher, abi: slasherAbi },
    parameters: { address: deployment.parameters, abi: protocolParametersAbi },
    votes: { address: deployment.votes, abi: flkVotesAbi },
  } as const;
}
export type Contracts = ReturnType<typeof contractsOf>;
