import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { zeroAddress } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import { IMPLEMENTATIONS, PROXIED, type Proxied } from "../implementations.ts";
import { DEVNET_PARAMETERS } from "../networks.ts";
import type { DeployParameters } from "../parameters.ts";
import type { Argument, Builder, Contract } from "./builder.ts";
import { handOver } from "./hand-over.ts";
import { initialValues } from "./initial.ts";

type Proxies = Record<Proxied, Contract>;

/**
 * All contracts, wired, with the timelock as their only administrator at the end. `stable`: an existing stablecoin with
 * Permit; without it the module deploys MockUSD.
 */
export function flkModule(p: DeployParameters, stable?: Hex) {
  return buildModule("Flk", (m) => {
    const deployer = m.getAccount(0);
    const addresses = reserve(m);
    const manager = m.contract("AccessManager", [deployer]);
    const timelock = m.contract("FlkTimelock", [p.timelockDelay, [], [zeroAddress], deployer]);
    const usd = stable ? m.contractAt("MockUSD", stable) : m.contract("MockUSD");
    const flk = m.contract("FLK", [addresses.settlement, p.flkReceiver, p.flkSupply, p.flkCeilingBps]);

    const implementations = implement(m, { ...addresses, flk, stable: usd });
    const values = initialValues(p, { manager, timelock, auction: addresses.auction });
    const proxies = upgrade(m, { addresses, implementations, values });
    const { services, votes } = proxies;
    const governor = m.contract("FlkGovernor", [votes, timelock, governorSettings(p)]);

    const service = [p.serviceOwner, p.serviceMetadata, [p.bandwidthPrice, p.computePrice]];
    const registered = m.call(services, "registerFor", service, { after: [proxies.parameters] });
    handOver(m, p, { manager, proxies, timelock, governor, after: [registered, ...Object.values(proxies)] });
    const deployed = PROXIED.map((name) => [`${name}Implementation`, implementations[name]]);
    return {
      manager,
      usd,
      flk,
      timelock,
      governor,
      ...proxies,
      ...(Object.fromEntries(deployed) as Record<`${Proxied}Implementation`, Contract>),
    };
  });
}

/** An address for every contract that others name in their code. */
function reserve(m: Builder): Proxies {
  const reserved = m.contract("Reserved");
  const call = m.encodeFunctionCall(reserved, "reserve");
  return each((name) => m.contract("ERC1967Proxy", [reserved, call], { id: `${name}Proxy` }));
}

function implement(m: Builder, contracts: Proxies & { flk: Contract; stable: Contract }): Proxies {
  return each((name) => {
    const { artifact, links } = IMPLEMENTATIONS[name];
    return m.contract(
      artifact,
      links.map((link) => contracts[link]),
    );
  });
}

interface Upgrade {
  addresses: Proxies;
  implementations: Proxies;
  values: Record<Proxied, Argument[]>;
}

/** Each proxy gets its implementation and its initial values in one call. The parameters ask the settlement for its delay. */
function upgrade(m: Builder, { addresses, implementations, values }: Upgrade): Proxies {
  const one = (name: Proxied, after: Contract[]): Contract => {
    const { artifact } = IMPLEMENTATIONS[name];
    const implementation = implementations[name];
    const data = m.encodeFunctionCall(implementation, "initialize", values[name], { id: `${name}Values` });
    const reserved = m.contractAt("Reserved", addresses[name], { id: `${name}Reserved` });
    const upgraded = m.call(reserved, "upgradeToAndCall", [implementation, data], {
      id: `${name}Upgrade`,
      after,
    });
    return m.contractAt(artifact, addresses[name], { id: name, after: [upgraded] });
  };
  const settlement = one("settlement", []);
  return each((name) => {
    if (name === "settlement") return settlement;
    return one(name, name === "parameters" ? [settlement] : []);
  });
}

function each(make: (name: Proxied) => Contract): Proxies {
  return Object.fromEntries(PROXIED.map((name) => [name, make(name)])) as Proxies;
}

function governorSettings(p: DeployParameters): Argument {
  return {
    votingDelay: p.votingDelay,
    votingPeriod: p.votingPeriod,
    proposalThreshold: p.proposalThreshold,
    quorumPercent: p.quorumPercent,
    lateQuorumExtension: p.lateQuorumExtension,
  };
}

export default flkModule(DEVNET_PARAMETERS);
