import { encodeAbiParameters, keccak256, maxUint256, parseAbi } from "viem";
import { LINKS, PROXIES } from "./facts.ts";
import type { World } from "./world.ts";

const ERC20 = parseAbi([
  "function allowance(address owner, address spender) view returns (uint256)",
  "function decimals() view returns (uint8)",
]);

/** The chain is the one that the deployment names, and so is the network's id. */
export async function checkChain(world: World): Promise<void> {
  const { chainId, networkId } = world.deployed;
  world.expect("ERR_DEPLOYMENT_CHAIN", "the chain", await world.client.getChainId(), chainId);
  const settlement = world.address("settlement");
  const derived = keccak256(
    encodeAbiParameters([{ type: "uint256" }, { type: "address" }], [BigInt(chainId), settlement]),
  );
  world.expect("ERR_DEPLOYMENT_CHAIN", "the network id of the file", networkId, derived);
  const told = await world.ask(settlement, "networkId() view returns (bytes32)");
  world.expect("ERR_DEPLOYMENT_CHAIN", "settlement.networkId()", told, derived);
}

/** Every contract names the others that it should, and answers to the one authority. */
export async function checkLinks(world: World): Promise<void> {
  for (const [from, getter, to] of LINKS) {
    const found = await world.ask(world.address(from), `${getter}() view returns (address)`);
    world.expect("ERR_DEPLOYMENT_LINK", `${from}.${getter}()`, found, world.address(to));
  }
  for (const name of Object.keys(PROXIES)) {
    const found = await world.ask(world.address(name), "authority() view returns (address)");
    world.expect("ERR_DEPLOYMENT_AUTHORITY", `${name}.authority()`, found, world.address("accessManager"));
  }
}

/** The stablecoin counts micro-USD, and the settlement may pay with what the vault holds. */
export async function checkStable(world: World): Promise<void> {
  const stable = { address: world.address("stable"), abi: ERC20 } as const;
  const decimals = await world.client
    .readContract({ ...stable, functionName: "decimals" })
    .catch(() => undefined);
  world.expect("ERR_DEPLOYMENT_STABLE", "stable.decimals()", decimals, 6);
  const args = [world.address("vault"), world.address("settlement")] as const;
  const allowance = await world.client
    .readContract({ ...stable, functionName: "allowance", args })
    .catch(() => 0n);
  // tokens may take from an unlimited allowance, as payouts are made
  if (allowance < maxUint256 / 2n) {
    world.report(
      "ERR_DEPLOYMENT_STABLE",
      `the settlement may take only ${allowance} of the vault's stablecoin`,
    );
  }
}
