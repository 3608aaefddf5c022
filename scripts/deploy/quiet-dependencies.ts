import type { HookContext, SolidityHooks } from "hardhat/types/hooks";
import type { HardhatPlugin } from "hardhat/types/plugins";

const IN_DEPENDENCY = /^ *--> npm\//m;

const invokeSolc: SolidityHooks["invokeSolc"] = async (
  context: HookContext,
  compiler,
  input,
  config,
  next,
) => {
  const output = await next(context, compiler, input, config);
  const errors = output.errors?.filter(
    (error) => error.severity === "error" || !IN_DEPENDENCY.test(error.formattedMessage ?? ""),
  );
  return errors ? { ...output, errors } : output;
};

/** Drops the compiler's warnings about dependencies, so that a first start shows no noise. Errors and our own stay. */
export const quietDependencies: HardhatPlugin = {
  id: "flk:quiet-dependencies",
  hookHandlers: { solidity: async () => ({ default: async () => ({ invokeSolc }) }) },
};
