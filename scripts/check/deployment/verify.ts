import { checkCode } from "./code.ts";
import type { Deployed } from "./deployment.ts";
import { checkChain, checkLinks, checkStable } from "./links.ts";
import { checkDeployer, checkFunctions, checkGovernor, checkRoles, checkTimelock } from "./roles.ts";
import { type Problem, World } from "./world.ts";

const LOCAL_CHAIN = 31_337;

/** Everything that is not as it should be on the chain behind `rpcUrl`; empty when all is. */
export async function verifyDeployment(rpcUrl: string, deployed: Deployed): Promise<Problem[]> {
  const world = new World(rpcUrl, deployed);
  await checkChain(world);
  await checkCode(world);
  await checkLinks(world);
  await checkStable(world);
  await checkRoles(world);
  await checkFunctions(world);
  await checkTimelock(world);
  await checkGovernor(world);
  checkDeployer(world, LOCAL_CHAIN);
  return world.problems;
}
