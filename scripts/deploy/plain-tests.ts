import type { HookContext, SolidityHooks } from "hardhat/types/hooks";
import type { HardhatPlugin } from "hardhat/types/plugins";
import type { CompilerInput } from "hardhat/types/solidity";
import { keepingErrors } from "./compiler-errors.ts";

/** Warnings that code or creation code is larger than a chain takes: of contracts that only tests name, and do not deploy. */
const TOO_LARGE = new Set(["5574", "3860"]);

function isOfTests({ sources }: CompilerInput): boolean {
  return Object.keys(sources).some((source) => source.startsWith("project/test/"));
}

const preprocessSolcInputBeforeBuilding: SolidityHooks["preprocessSolcInputBeforeBuilding"] = (
  context: HookContext,
  input,
  next,
) => {
  if (!isOfTests(input)) return next(context, input);
  const { optimizer, ...settings } = input.settings;
  return next(context, { ...input, settings: { ...settings, optimizer: { ...optimizer, enabled: false } } });
};

const invokeSolc = keepingErrors(
  ({ errorCode = "" }, input) => !isOfTests(input) || !TOO_LARGE.has(errorCode),
);

/**
 * Compiles Solidity tests without the optimizer, which would take most of a build. What they test they deploy by name
 * (test/contracts/support/Deploy.sol), as it is built for a chain.
 */
export const plainTests: HardhatPlugin = {
  id: "flk:plain-tests",
  hookHandlers: {
    solidity: async () => ({ default: async () => ({ preprocessSolcInputBeforeBuilding, invokeSolc }) }),
  },
};
