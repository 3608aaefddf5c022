import type { HardhatPlugin } from "hardhat/types/plugins";
import { keepingErrors } from "./compiler-errors.ts";

const IN_DEPENDENCY = /^ *--> npm\//m;

const invokeSolc = keepingErrors(
  ({ severity, formattedMessage = "" }) => severity === "error" || !IN_DEPENDENCY.test(formattedMessage),
);

/** Drops the compiler's warnings about dependencies, so that a first start shows no noise. Errors and our own stay. */
export const quietDependencies: HardhatPlugin = {
  id: "flk:quiet-dependencies",
  hookHandlers: { solidity: async () => ({ default: async () => ({ invokeSolc }) }) },
};
