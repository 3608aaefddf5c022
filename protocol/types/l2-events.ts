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
  /** `consensusKey`: compressed G1, 48 bytes */
  | { type: "keyRotated"; nodeId: number; keyVersion: number; consensusKey: Uint8Array }
  /** Ed25519, 32 bytes */
  | { type: "networkKeyRotated"; nodeId: number; networkKey: Uint8Array }
  | { type: "participationSet"; nodeId: number; optedIn: boolean }
  /** who is credited for the node */
  | { type: "payeeSet"; nodeId: number; payee: Uint8Array }
  /** `lockedUntil`: Unix seconds until which its stake cannot leave */
  | { type: "stakeLocked"; nodeId: number; lockedUntil: bigint }
  /** micro-USD, or more than the account has: all of it */
  | { type: "withdrawRequested"; account: Uint8Array; amount: bigint }
  /** wei */
  | { type: "stakeChanged"; nodeId: number; staked: bigint; thawing: bigint }
  | { type: "parameterSet"; key: ParameterKey; value: bigint }
  | { type: "serviceRegistered"; serviceId: number; owner: Uint8Array }
  | { type: "serviceTransferred"; serviceId: number; owner: Uint8Array }
  /**
   * The buyback of `fromEpoch` to `toEpoch`, both inclusive, was on sale at `auction` and is no more: micro-USD that it sold
   * and that roll into a later lot; wei that it burned, and that paid for what these epochs brought
   */
  | {
      type: "lotClosed";
      auction: Uint8Array;
      fromEpoch: number;
      toEpoch: number;
      sold: bigint;
      rolled: bigint;
      burned: bigint;
      counted: bigint;
    }
  /** micro-USD per 10^9 units */
  | { type: "priceSet"; serviceId: number; commodity: number; price: bigint };
