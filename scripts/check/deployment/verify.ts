import {
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
} from "viem";
import { buildContracts, projectHardhat } from "../../deploy/hardhat.ts";
import { checkCode } from "./code.ts";
import { checkCreation } from "./creation.ts";
import type { Deployed } from "./deployment.ts";
import { checkHistory } from "./history.ts";
import { checkChain, checkLinks, checkStable } from "./links.ts";
import {
  checkDelays,
  checkDeployer,
  checkFunctions,
  checkGovernor,
  checkRoles,
  checkTimelock,
} from "./roles.ts";
import { type Problem, type ProblemCode, World } from "./world.ts";

const LOCAL_CHAIN = 31_337;

/** Everything that is not as it should be on the chain behind `rpcUrl`; empty when all is. */
export async function verifyDeployment(
  rpcUrl: string,
  deployed: Deployed,
  page?: bigint,
): Promise<Problem[]> {
  const world = new World(rpcUrl, deployed, page);
  await checkChain(world);
  const hre = await projectHardhat();
  await buildContracts(hre);
  await checkCode(world, hre.artifacts);
  await checkCreation(world, hre.artifacts);
  await checkHistory(world, hre.artifacts);
  await checkLinks(world);
  await checkStable(world);
  await orReport(world, "ERR_DEPLOYMENT_ROLE", checkRoles);
  await orReport(world, "ERR_DEPLOYMENT_FUNCTION", checkFunctions);
  await checkDelays(world);
  await checkTimelock(world);
  await checkGovernor(world);
  checkDeployer(world, LOCAL_CHAIN);
  return world.problems;
}

/** A contract that does not know a function is not what it should be; an L2 that is silent is another matter. */
async function orReport(
  world: World,
  code: ProblemCode,
  check: (world: World) => Promise<void>,
): Promise<void> {
  try {
    await check(world);
  } catch (error) {
    const revert =
      error instanceof ContractFunctionExecutionError &&
      error.walk(
        (cause) =>
          cause instanceof ContractFunctionRevertedError || cause instanceof ContractFunctionZeroDataError,
      );
    if (!revert) throw error;
    world.report(code, `${error.functionName} cannot be asked`);
  }
}
