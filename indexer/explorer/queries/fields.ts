/** What queries ask of the things that several of them are about; types of the same names say what is answered. */
export const PAGE_INFO = "pageInfo { hasNextPage endCursor }";
export const CONNECTION = `totalCount ${PAGE_INFO}`;

export const BLOCK_ROW = "height epoch index time transactions";

export const EPOCH_ROW =
  "number openTime closeTime blocks transactions deliveries bytes ms revenue flkMinted finality verified problem";

export const SETTLEMENT_ROW = "epoch state heldFor activatesAt activatedTx gasUsed txHash block";

export const CHAIN_TRANSACTION = "id kind status epoch height position time account nodeId finality";

export const WORK = "work { service commodity units deliveries lanes revenue }";

/** Without the finality, which is that of its epoch. */
export const NODE_EPOCH = `epoch stake reputation inCommittee revenue rewardStable scheduledFlk rewardFlk
  latency uptime throughput success trust credibility reporters outByFloor ${WORK}`;
