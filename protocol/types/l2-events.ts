import type { ParameterKey } from "../params/keys.ts";

/**
 * Finalized L2 logs, parsed, in log order. Totals are the values after the event, so applying one needs no history of
 * the contract.
 */
export type L2Event =
  /** `total`: cumulative deposits of the account, micro-USD */
  | { type: "deposit"; account: Uint8Array; amount: bigint; total: bigint }
  | {
      type: "nodeRegistered";
      nodeId: number;
      owner: Uint8Array;
      keyVersion: number;
      /** compressed G1, 48 bytes */
      consensusKey: Uint8Array;
      /** Ed25519, 32 bytes */
      networkKey: Uint8Array;
      endpoints: string;
    }
  | { type: "endpointsSet"; nodeId: number; endpoints: string }
  /** wei */
  | { type: "stakeChanged"; nodeId: number; staked: bigint; thawing: bigint }
  | { type: "parameterSet"; key: ParameterKey; value: bigint }
  | { type: "serviceRegistered"; serviceId: number; owner: Uint8Array }
  /** micro-USD per 10^9 units */
  | { type: "priceSet"; serviceId: number; commodity: number; price: bigint };
