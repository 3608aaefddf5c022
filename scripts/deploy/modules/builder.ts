import type { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** What Ignition hands to a module; the package that has its types is not ours to import. */
export type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
/** A contract that is or will be deployed. */
export type Contract = Parameters<Builder["call"]>[0];
/** A constructor's or function's argument. */
export type Argument = NonNullable<Parameters<Builder["call"]>[2]>[number];
/** A step that another one can wait for. */
export type Future = Exclude<
  NonNullable<NonNullable<Parameters<Builder["call"]>[3]>["after"]>[number],
  { results: unknown }
>;
