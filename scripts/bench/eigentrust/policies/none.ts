import type { PolicyKind } from "./policy.ts";

/** Anyone who says that it has the content. */
export const noReputation: PolicyKind = {
  name: "none",
  make(_, nodes) {
    const choice = {
      weights: new Float64Array(nodes).fill(1),
      unknown: new Uint8Array(nodes),
      unknownShare: 0,
    };
    return { choice: () => choice, close: () => undefined };
  },
};
