import { registerHooks } from "node:module";

/** Loaded before a node (`--import`): its network becomes one that records what the node signs. Nothing else of it changes. */
const NETWORK = "#node/network/network.ts";
const RECORDING: string = new URL("./network.ts", import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== NETWORK || context.parentURL === RECORDING) return nextResolve(specifier, context);
    return nextResolve(RECORDING, context);
  },
});
