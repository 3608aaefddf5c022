import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { stringToHex, toFunctionSelector } from "viem";
import { boundedParameters, DEVNET_PARAMETERS, type DeployParameters } from "../parameters.ts";

/** May mint FLK and pay from the vault. Held by the settlement contract alone. */
const SETTLEMENT_ROLE = 1n;

const FLK_FUNCTIONS = ["openAccrual(uint64)", "mint(address,uint256,uint64)"].map(toFunctionSelector);
const VAULT_FUNCTIONS = ["payOut(address,uint256)"].map(toFunctionSelector);

/**
 * All contracts, wired. The deployer (account 0) is governance until a timelock takes over. `stable`: an existing
 * stablecoin with Permit; without it the module deploys MockUSD.
 */
export function flkModule(p: DeployParameters, stable?: `0x${string}`) {
  return buildModule("Flk", (m) => {
    const governance = m.getAccount(0);
    const manager = m.contract("AccessManager", [governance]);
    const usd = stable ? m.contractAt("MockUSD", stable) : m.contract("MockUSD");
    const flk = m.contract("FLK", [manager, p.flkReceiver, p.flkSupply, p.flkCeilingBps]);
    const list = boundedParameters(p).map((entry) => ({
      ...entry,
      key: stringToHex(entry.key, { size: 32 }),
    }));
    const parameters = m.contract("ProtocolParameters", [manager, list]);
    const services = m.contract("ServiceRegistry", [manager, parameters]);
    const staking = m.contract("NodeStaking", [manager, flk, parameters]);
    const vault = m.contract("ClientVault", [manager, usd, p.minBalance]);
    const settlement = m.contract("EpochSettlement", [manager, flk, vault, staking]);

    m.call(manager, "setTargetFunctionRole", [flk, FLK_FUNCTIONS, SETTLEMENT_ROLE], { id: "FlkRole" });
    m.call(manager, "setTargetFunctionRole", [vault, VAULT_FUNCTIONS, SETTLEMENT_ROLE], { id: "VaultRole" });
    m.call(manager, "grantRole", [SETTLEMENT_ROLE, settlement, 0], { id: "SettlementRole" });
    m.call(staking, "bindSettlement", [settlement]);
    m.call(services, "registerFor", [p.serviceOwner, p.serviceMetadata, [p.bandwidthPrice, p.computePrice]]);
    return { manager, usd, flk, parameters, services, staking, vault, settlement };
  });
}

export default flkModule(DEVNET_PARAMETERS);
