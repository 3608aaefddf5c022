import { document } from "../graphql/request.ts";
import { BLOCK_ROW } from "./fields.ts";
import type { BlockRow } from "./types.ts";

export interface Status {
  _meta: {
    l2Block: number;
    l2Finalized: number;
    height: number;
    epoch: number;
    ready: boolean;
    reasons: string[];
    lag: number | null;
    l2Lag: number | null;
  };
}

export const statusQuery = document<Status>(`query Status {
  _meta { l2Block l2Finalized height epoch ready reasons lag l2Lag }
}`);

// a subscription tells of what it asks for: these ask for what pages show

export const blockChanges = document<{ block: BlockRow }>(`subscription Blocks { block { ${BLOCK_ROW} } }`);
export const epochChanges = document<{ epoch: { number: number } }>(
  "subscription Epochs { epoch { number blocks verified problem finality grant { flk } } }",
);
export const settlementChanges = document<{ settlement: { epoch: number } }>(
  "subscription Settlements { settlement { epoch state heldFor finality certificate { power } } }",
);
export const nodeChanges = document<{ node: { id: number } }, { id: number }>(
  `subscription Node($id: Int!) {
    node(id: $id) { id stake thawing slashed optedIn lockedUntil operator payee endpoints keyVersion networkKey reputation rewardStable rewardFlk }
  }`,
);
export const accountChanges = document<
  { account: { address: string; balance: string } },
  { address: string }
>(
  `subscription Account($address: Address!) {
    account(address: $address) {
      address roles deposits balance settledEpoch payoutStable payoutFlk claimedStable claimedFlk payee escaped
      transactions(first: 1) { nodes { id } } sessions(first: 1) { nodes { key revokedHeight } }
    }
  }`,
);
