/** Published entry `flk/client`. */
export { activateDue, getFirstPending, type PendingSettlement } from "./actions/activate.ts";
export {
  type Allocation,
  type Attempt,
  type AttemptState,
  allocate,
  allocateTo,
  type Job,
  JobFailure,
} from "./actions/allocate.ts";
export { approve } from "./actions/approve.ts";
export { authorizeSession } from "./actions/authorize-session.ts";
export { bid } from "./actions/bid.ts";
export { cancelUnstake } from "./actions/cancel-unstake.ts";
export { castVote, type Vote } from "./actions/cast-vote.ts";
export { type ClaimableProof, claim, getClaimed, getSettled, proofOf } from "./actions/claim.ts";
export { claimMany, type FailedClaim, type PaidClaim } from "./actions/claim-many.ts";
export { closeLot } from "./actions/close-lot.ts";
export { createSession, type SessionKey } from "./actions/create-session.ts";
export { type DelegateParameters, delegate } from "./actions/delegate.ts";
export { delegateVotes } from "./actions/delegate-votes.ts";
export { type EscapeRoot, escapeVault, getEscapeRoot } from "./actions/escape-vault.ts";
export { estimateCost } from "./actions/estimate-cost.ts";
export { executeProposal } from "./actions/execute-proposal.ts";
export { fetchContent } from "./actions/fetch-content.ts";
export { findSettlement, type SettlementRange } from "./actions/find-settlement.ts";
export { freeze, getOpening, type Opening } from "./actions/freeze.ts";
export { type Account, getAccount } from "./actions/get-account.ts";
export { getAckConflicts } from "./actions/get-ack-conflicts.ts";
export { getAllowance } from "./actions/get-allowance.ts";
export { type Balance, getBalance } from "./actions/get-balance.ts";
export { getEpoch } from "./actions/get-epoch.ts";
export { getLot, getLotPrice, getNewestLot, type Lot } from "./actions/get-lot.ts";
export { edgeUrl, getNode, getNodes, type NodeInfo } from "./actions/get-node.ts";
export {
  getNodeStatus,
  type NodeStanding,
  type NodeStatus,
  type StandingPlace,
} from "./actions/get-node-status.ts";
export { getOffers, type Offer } from "./actions/get-offers.ts";
export { getPrices, type ServicePrices } from "./actions/get-prices.ts";
export { getProposal, getProposals, type Proposal } from "./actions/get-proposals.ts";
export { getReceipt, type TransactionReceipt } from "./actions/get-receipt.ts";
export { getServices, type RegisteredService } from "./actions/get-services.ts";
export { getSession, type SessionAuthorisation } from "./actions/get-session.ts";
export { getEpochReport, getSettlement } from "./actions/get-settlement.ts";
export { getThawingRequests, type ThawingRequest } from "./actions/get-thawing-requests.ts";
export { getTokenBalance } from "./actions/get-token-balance.ts";
export {
  type Contracts,
  type L2Client,
  type L2Reader,
  type L2Receipt,
  walletSigner,
} from "./actions/l2-client.ts";
export { lockStake } from "./actions/lock-stake.ts";
export { openLot } from "./actions/open-lot.ts";
export { type OpenSessionParameters, openSession } from "./actions/open-session.ts";
export { type PickOptions, pickFrom, type RankedNode } from "./actions/pick-from.ts";
export { getNodesForService, type PickNodesOptions, pickNodes } from "./actions/pick-nodes.ts";
export { type GovernanceCall, type ProposalContent, propose } from "./actions/propose.ts";
export { queueProposal } from "./actions/queue-proposal.ts";
export { type RegisterNodeParameters, registerNode } from "./actions/register-node.ts";
export { type RegisterServiceParameters, registerService } from "./actions/register-service.ts";
export { requestUnstake } from "./actions/request-unstake.ts";
export { requestWithdraw } from "./actions/request-withdraw.ts";
export { revokeSession } from "./actions/revoke-session.ts";
export { type RotateKeysParameters, rotateKeys } from "./actions/rotate-keys.ts";
export { rotateNetworkKey } from "./actions/rotate-network-key.ts";
export {
  type AccountAction,
  type AccountSigner,
  sendRawTransaction,
  sendTransaction,
} from "./actions/send-transaction.ts";
export { setClaimPayee } from "./actions/set-claim-payee.ts";
export { setEndpoints } from "./actions/set-endpoints.ts";
export { setNodePayee } from "./actions/set-node-payee.ts";
export { setOperator } from "./actions/set-operator.ts";
export { setParticipation } from "./actions/set-participation.ts";
export { setServicePrice } from "./actions/set-service-price.ts";
export { type Evidence, slashEquivocation } from "./actions/slash-equivocation.ts";
export { stake } from "./actions/stake.ts";
export { topUp } from "./actions/top-up.ts";
export {
  authorizeTopUp,
  type TopUpAuthorization,
  topUpWithAuthorization,
} from "./actions/top-up-with-authorization.ts";
export { topUpWithPermit } from "./actions/top-up-with-permit.ts";
export { transfer } from "./actions/transfer.ts";
export { vetoSettlement } from "./actions/veto.ts";
export { waitForReceipt } from "./actions/wait-for-receipt.ts";
export { withdraw } from "./actions/withdraw.ts";
export { withdrawStake } from "./actions/withdraw-stake.ts";
export { createFlkClient, type FlkClient, type FlkClientOptions } from "./client.ts";
export { CLIENT_CODES, type ClientCode } from "./errors.ts";
export { NodeMemory, type RememberedNode } from "./node-memory.ts";
export * as queries from "./queries/generated.ts";
export {
  createIndexerClient,
  type IndexerClient,
  type IndexerClientOptions,
  type IndexerQuery,
} from "./queries/indexer-client.ts";
export {
  type LaneStore,
  memoryLaneStore,
  type StoredLane,
  type StoredReservation,
} from "./session/lane-store.ts";
export { localStorageLaneStore } from "./session/local-storage.ts";
export { ReserveBudget } from "./session/reserve-budget.ts";
export { type RunOptions, type RunResult, runModule } from "./session/run.ts";
export type { DeliverySession } from "./session/session.ts";
export { type StreamOptions, streamContent } from "./session/stream.ts";
