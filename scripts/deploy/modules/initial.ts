import { stringToHex } from "viem";
import { boundedParameters } from "../bounds.ts";
import type { Proxied } from "../implementations.ts";
import type { DeployParameters } from "../parameters.ts";
import type { Argument } from "./builder.ts";

/** Contracts and accounts that initial values name. */
export interface Named {
  manager: Argument;
  timelock: Argument;
  auction: Argument;
}

/** What each proxied contract is initialised with. */
export function initialValues(
  p: DeployParameters,
  { manager, timelock, auction }: Named,
): Record<Proxied, Argument[]> {
  const treasury = p.treasury === "timelock" ? timelock : p.treasury;
  const buyback = p.buyback === "auction" ? auction : p.buyback;
  const parameters = boundedParameters(p, { treasury, buyback }).map(({ key, ...rest }) => ({
    key: stringToHex(key, { size: 32 }),
    ...rest,
  }));
  return {
    settlement: [manager, limits(p), delays(p)],
    parameters: [manager, parameters],
    services: [manager],
    staking: [manager],
    slasher: [manager],
    vault: [manager, p.minBalance],
    auction: [manager, terms(p), p.auctionFirstReference],
    votes: [manager],
  };
}

function limits(p: DeployParameters): Argument {
  return {
    activationDelay: p.activationDelay,
    closeTimeTolerance: p.closeTimeTolerance,
    maxStablePayout: p.maxStablePayout,
    maxFlkPayout: p.maxFlkPayout,
    maxRefundGasPrice: p.maxRefundGasPrice,
  };
}

function delays(p: DeployParameters): Argument {
  return { escapeDelay: p.escapeDelay, exitWindow: p.exitWindow, recoveryDelay: p.recoveryDelay };
}

function terms(p: DeployParameters): Argument {
  return {
    duration: p.auctionDuration,
    startMultipleBps: p.auctionStartMultipleBps,
    floorDivisor: p.auctionFloorDivisor,
    minSoldBps: p.auctionMinSoldBps,
    minLot: p.auctionMinLot,
    minReference: p.auctionMinReference,
    maxReference: p.auctionMaxReference,
  };
}
