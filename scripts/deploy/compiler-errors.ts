import type { HookContext, SolidityHooks } from "hardhat/types/hooks";
import type { CompilerInput, CompilerOutputError } from "hardhat/types/solidity";

/** A compiler of which only those errors and warnings are heard that `keep` says. */
export function keepingErrors(
  keep: (error: CompilerOutputError, input: CompilerInput) => boolean,
): SolidityHooks["invokeSolc"] {
  return async (context: HookContext, compiler, input, config, next) => {
    const output = await next(context, compiler, input, config);
    const errors = output.errors?.filter((error) => keep(error, input));
    return errors ? { ...output, errors } : output;
  };
}
