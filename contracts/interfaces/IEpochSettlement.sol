// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {IFLK} from "./IFLK.sol";
import {INodeStaking} from "./INodeStaking.sol";
import {IProtocolParameters} from "./IProtocolParameters.sol";
import {Committee} from "../libraries/CommitteeCertificate.sol";

interface IEpochSettlementTypes {
    struct Settlement {
        uint64 epoch;
        /// digest of the settlement before, or of the start or restart that opened the epoch
        bytes32 previous;
        /// Unix ms
        uint64 closeTime;
        /// the newest L2 block that the epoch applied
        uint64 l2Number;
        bytes32 l2Hash;
        bytes32 stateRoot;
        /// OpenZeppelin StandardMerkleTree of (address account, uint256 stable, uint256 flk), cumulative; zero when empty
        bytes32 payoutRoot;
        /// the same of (address account, uint256 balance, uint256 depositsSeen)
        bytes32 balanceRoot;
        bytes32 reportHash;
        /// micro-USD that clients still own
        uint256 totalBalances;
        /// micro-USD, cumulative
        uint256 totalPayoutStable;
        /// wei, cumulative
        uint256 totalPayoutFlk;
        bytes32 slashListHash;
        bytes32 nextCommitteeHash;
    }

    /// @dev What every settlement is measured against, and what its poster gets back; one slot.
    struct Limits {
        /// seconds between posting and activation
        uint24 activationDelay;
        /// seconds that a close time may be ahead of the L2, at most a day
        uint24 closeTimeTolerance;
        /// micro-USD that one settlement may add to the payouts
        uint64 maxStablePayout;
        /// wei that one settlement may add to the payouts
        uint96 maxFlkPayout;
        /// wei per gas that posters get back, at most, from the ETH that this contract holds; 0 refunds nothing
        uint48 maxRefundGasPrice;
    }

    /// @dev Seconds. escapeDelay by rule ESCAPE of {IProtocolParameters}, recoveryDelay >= escapeDelay + exitWindow, exitWindow >= 1.
    struct Delays {
        /// without an activation for so long, anyone may freeze the settlement, so that accounts escape
        uint32 escapeDelay;
        /// accounts have at least so long to escape before a restart
        uint32 exitWindow;
        /// without an activation for so long, governance may seat a new committee
        uint32 recoveryDelay;
    }

    /// @dev What opened the epoch that is first in line. `active`: the newest active settlement; all zeros when the start or a restart
    /// is newer than it. `firstPending`: the first settlement that is posted and not active; all zeros when there is none.
    struct Opening {
        Settlement active;
        Settlement firstPending;
    }

    struct Claim {
        address account;
        /// cumulative micro-USD of the leaf
        uint256 stable;
        /// cumulative wei of the leaf
        uint256 flk;
        bytes32[] proof;
    }

    /// @dev What the contract keeps.
    struct Status {
        /// the epoch that the next settlement must have
        uint64 nextEpoch;
        /// the first epoch that is posted and not active; equals nextEpoch when there is none
        uint64 firstPending;
        /// the newest active epoch + 1; 0 when there is none
        uint64 activeEpochs;
        /// Unix seconds; of the newest posted settlement
        uint64 activatesAt;
        /// Unix seconds of the newest activation, start or return from a freeze
        uint64 lastActivatedAt;
        /// reasons for which the newest posted settlement is held; 0 when it is not
        uint16 holds;
        bool frozen;
        /// a recovered committee has no active settlement yet: activation takes twice as long
        bool recovering;
        uint32 restarts;
        /// what the next settlement names as its previous
        bytes32 digest;
        /// of the newest active settlement
        bytes32 payoutRoot;
        /// micro-USD, of the newest active settlement
        uint64 totalPayoutStable;
        /// wei, of the newest active settlement
        uint96 totalPayoutFlk;
        /// wei minted so far: totalPayoutFlk, less what the ceiling of the token still holds back
        uint96 mintedFlk;
    }

    struct Paid {
        /// micro-USD
        uint64 stable;
        /// wei
        uint128 flk;
        /// claims go to another address, see `payeeOf`
        bool redirected;
    }
}

interface IEpochSettlementErrors {
    /// @notice The protocol starts once.
    error AlreadyStarted();
    /// @notice Nothing settles before the start.
    error NotStarted();
    /// @notice Epoch 0 starts within a day of the L2's clock, before or after: in [`min`, `max`], Unix ms.
    error InvalidStartTime(uint64 startTime, uint256 min, uint256 max);
    /// @notice The aggregate key is not the sum of the members' registered keys.
    error AggregateKeyMismatch();
    /// @notice The settlement or the committee is of `epoch`, `expected` is next.
    error WrongEpoch(uint64 epoch, uint64 expected);
    /// @notice The settlement does not follow the newest one, or what was given as the newest one is not it.
    error WrongPrevious(bytes32 previous, bytes32 expected);
    /// @notice The committee is not the one that the settlement before named.
    error WrongCommittee(bytes32 committeeHash, bytes32 expected);
    /// @notice Accounts are escaping: nothing is posted, activated or released until a restart.
    error IsFrozen();
    /// @notice No settlement of `epoch` is posted and not active.
    error NotPending(uint64 epoch);
    /// @notice The settlement given is not the one that was posted.
    error UnknownSettlement(bytes32 digest, bytes32 expected);
    /// @notice Settlements become active in order.
    error NotFirst(uint64 epoch, uint64 firstPending);
    /// @notice The settlement becomes active at `activatesAt` (Unix seconds), not yet.
    error NotDue(uint64 epoch, uint64 activatesAt);
    /// @notice The settlement is due and cannot be vetoed any more.
    error VetoTooLate(uint64 epoch, uint64 activatesAt);
    /// @notice The settlement waits for governance. `reasons`: the HELD_ bits.
    error IsHeld(uint64 epoch, uint16 reasons);
    /// @notice The settlement is not held.
    error NotHeld(uint64 epoch);
    /// @notice Key and members of the next committee are as they should be.
    error CommitteeIsSound();
    /// @notice A restart needs a held first settlement, or a freeze.
    error NothingToRestart();
    /// @notice Anyone may freeze from `opensAt` (Unix seconds) on, unless a settlement becomes active before.
    error EscapeNotOpen(uint256 opensAt);
    /// @notice A new committee may be seated from `opensAt` (Unix seconds) on, unless a settlement becomes active before.
    error RecoveryNotOpen(uint256 opensAt);
    /// @notice Accounts may escape until `until` (Unix seconds) before a restart.
    error ExitWindowOpen(uint256 until);
    /// @notice A restart resumes with an epoch in [`min`, `max`]: later than any that honest nodes sign in, see `ageOf`.
    error InvalidResumeEpoch(uint64 epoch, uint64 min, uint64 max);
    /// @notice Fewer members than the protocol needs.
    error CommitteeTooSmall(uint256 members, uint256 min);
    /// @notice A delay is out of its bounds, seconds.
    error InvalidDelay(uint256 delay, uint256 min, uint256 max);
    /// @notice (account, stable, flk) is no leaf of the payout root of the newest active settlement.
    error InvalidProof();
    /// @notice What the leaf still owes, `owed` wei of FLK alone, is not minted yet: a later settlement mints it.
    error NotMintedYet(address account, uint256 owed);
    /// @notice Everything in the leaf was paid before.
    error NothingToClaim(address account);
    /// @notice The leaf is below what was paid: the settlement contradicts an earlier one.
    error ClaimedMoreBefore(address account);
    /// @notice The stablecoin did not move what is due, `totalPayoutStable` micro-USD cumulative, from the vault.
    error PayoutFailed(uint256 totalPayoutStable);
    /// @notice No ETH for the zero address.
    error ZeroRecipient();
    /// @notice `to` did not take the ETH.
    error TransferFailed(address to);
}

interface IEpochSettlementEvents is IEpochSettlementTypes {
    /// @notice Epoch 0 starts at `startTime` (Unix ms) with `committee`. `flkSupply` wei is what the first year accrues on.
    event Started(
        Committee committee,
        bytes32 committeeHash,
        uint64 startTime,
        uint64 l2Number,
        bytes32 genesisDigest,
        uint256 flkSupply
    );
    /// @notice An epoch is settled: its certificate holds. It pays once it is active, from `activatesAt` (Unix seconds) on.
    event Settled(uint64 indexed epoch, bytes32 indexed digest, Settlement settlement, uint64 activatesAt);
    /// @notice Claims go against this settlement now. `flkMinted` wei were minted with it: what was owed and not minted yet, as the
    /// ceiling allowed.
    event Activated(uint64 indexed epoch, bytes32 indexed digest, uint256 flkMinted);
    /// @notice The settlement waits for governance. `reasons`: the HELD_ bits, those before included.
    event Held(uint64 indexed epoch, bytes32 indexed digest, uint16 reasons);
    /// @notice Governance let a held settlement go on.
    event Released(uint64 indexed epoch, bytes32 indexed digest);
    /// @notice These settlements will never be active.
    event Voided(uint64 firstEpoch, uint64 lastEpoch);
    /// @notice Nothing is posted or activated until a restart. Accounts escape against `balanceRoot`, which knows deposits up to block `l2Number`.
    event Frozen(uint64 activeEpochs, bytes32 balanceRoot, uint64 l2Number);
    /// @notice Nodes roll back to the state of the last active settlement (`activeEpochs` - 1; the genesis state when 0), apply the escapes
    /// logged until here, and open `resumeEpoch` with `committee`. `digest` opens it; `closeTime` (Unix ms) ended what was before.
    event Restart(
        uint64 activeEpochs,
        uint64 indexed resumeEpoch,
        bytes32 indexed digest,
        Committee committee,
        bytes32 committeeHash,
        uint64 closeTime,
        bool recovered
    );
    /// @notice `account` was paid, at `payee`, and has been paid so much in all. That may be less FLK than the leaf says, see `claim`.
    event Claimed(
        address indexed account,
        address indexed payee,
        uint256 stablePaid,
        uint256 flkPaid,
        uint256 cumulativeStable,
        uint256 cumulativeFlk
    );
    /// @notice One of many claims could not be paid, and can be claimed again. `reason`: what it reverted with.
    event ClaimFailed(address indexed account, bytes reason);
    /// @notice Claims of `account` go to `payee` from now on.
    event PayeeSet(address indexed account, address indexed payee);
    /// @notice `poster` got `amount` wei back for its gas.
    event Refunded(address indexed poster, uint256 amount);
    /// @notice The limits from now on. Also emitted at deployment.
    event LimitsSet(Limits limits);
    /// @notice The delays from now on. Also emitted at deployment.
    event DelaysSet(Delays delays);
}

/// @title What is rarely called of {IEpochSettlement}: the start, holds, restarts and terms
/// @dev {EpochSettlement} has these functions and passes them on to code of their own, as one contract cannot hold all of it.
interface ISettlementControl is IEpochSettlementErrors, IEpochSettlementEvents {
    /// @notice Starts the protocol, once. Only the launcher. Epoch 0 belongs to `genesis`, whose keys must be registered.
    /// @param startTime Unix ms, within a day of the L2's clock
    function start(Committee calldata genesis, uint64 startTime) external;

    /// @notice Holds a settlement that is not due yet, or waits behind one that is held. Only the guardian.
    function veto(uint64 epoch) external;

    /// @notice Holds a pending settlement whose next committee is not what it should be: malformed, of another epoch, with a key that is not the
    /// sum of its members', or with a member that does not exist, has no such key or one that may not act yet, or never had the minimum stake.
    function challengeCommittee(Settlement calldata settlement, Committee calldata next) external;

    /// @notice Lets a held settlement go on. Only governance.
    function release(uint64 epoch) external;

    /// @notice Stops posting and activation so that accounts can escape, when no settlement became active for `escapeDelay`.
    function freeze(Opening calldata opening) external;

    /// @notice Voids everything that is not active and opens `resumeEpoch` with the committee that the last active settlement named.
    /// Only governance; only when the first pending settlement is held, or after a freeze and its exit window.
    /// @param committee as it was named, with the epoch that it was named for
    function restart(Opening calldata opening, Committee calldata committee, uint64 resumeEpoch) external;

    /// @notice As `restart`, with a new committee of registered nodes, when no settlement became active for `recoveryDelay`. Only
    /// governance. Until its first settlement is active, activation takes twice as long.
    function recover(Opening calldata opening, Committee calldata committee, uint64 resumeEpoch) external;

    /// @notice Sets what settlements are measured against. Only governance. Stake must thaw, and escapes wait, long enough for the delay, by
    /// rules THAW and ESCAPE of {IProtocolParameters}.
    function setLimits(Limits calldata limits) external;

    /// @notice Sets when accounts may escape and governance may recover. Only governance. By rule ESCAPE of {IProtocolParameters} too.
    function setDelays(Delays calldata delays) external;

    /// @notice Takes `amount` wei of the ETH for refunds back. Only governance.
    function withdrawRefunds(address payable to, uint256 amount) external;
}

/// @title Settles epochs of the protocol chain and pays what they owe
/// @notice A settlement is accepted when it is of the next epoch, names the newest one as its previous, and carries a certificate
/// of the committee that the previous one named. It then waits in a queue, where the guardian may veto it, and becomes active after the
/// activation delay, in order. Anyone may post, activate and claim for anyone. Payouts are cumulative: a claim pays the difference to
/// what was paid before, to the account or the payee that it named.
/// No limit ever reverts a settlement: only one settlement of an epoch can be computed, so that a valid certificate must never be stuck. What
/// breaks a limit is held, until governance releases it, or restarts the protocol from the last active settlement.
/// The ceiling of the token never stops a settlement: FLK above it stays owed, later settlements mint it as the ceiling allows,
/// and until then claims pay what is there, first come first served.
/// What a settlement adds to the payouts moves from the vault to this contract when it becomes active, so that no claim touches what clients own.
/// @dev Trusts a quorum of the committee for what the settlement says; it cannot pay out more than the vault holds beyond client
/// balances, nor mint above the ceiling of the token. Assumes that `block.number` is the number that RPCs of the L2 give a block.
interface IEpochSettlement is IEpochClock, ISettlementControl {
    /// @notice Posts the settlement of the next epoch, and activates the one before when it is due. The caller gets its gas back, as far
    /// as the refund and the ETH held here go.
    /// @param previous the newest posted settlement; all zeros when the start or a restart is newer
    /// @param committee of that epoch, as the settlement before (or the start, or a restart) fixed it by hash
    /// @param nonSigners node ids of the members that did not sign, strictly ascending
    /// @param signature aggregate of the signers over `settlementMessage`, EIP-2537 G2
    function settle(
        Settlement calldata previous,
        Settlement calldata settlement,
        Committee calldata committee,
        uint32[] calldata nonSigners,
        bytes calldata signature
    ) external;

    /// @notice Makes the first pending settlement the one that claims go against, once it is due and not held. Mints what it owes. Holds it when
    /// its totals fall or the vault cannot cover it.
    /// @return activated false when it was held instead
    function activate(Settlement calldata settlement) external returns (bool activated);

    /// @notice Pays `account` what the newest active settlement owes it and was not paid yet: all of the stablecoin, and as much FLK as is
    /// minted and not claimed. The rest of the FLK can be claimed once a later settlement minted it.
    /// @param stable cumulative micro-USD of the leaf
    /// @param flk cumulative wei of the leaf
    /// @param proof of the leaf under the payout root of the newest active settlement
    function claim(address account, uint256 stable, uint256 flk, bytes32[] calldata proof) external;

    /// @notice `claim` for each; one that fails is skipped and logged.
    /// @return paid how many were paid
    function claimMany(Claim[] calldata claims) external returns (uint256 paid);

    /// @notice Claims for the caller's account go to `payee` from now on; the zero address or the caller itself ends that.
    function setPayee(address payee) external;

    /// @notice What the contract keeps.
    function status() external view returns (Status memory);

    /// @notice A settlement that is posted and not active. Reverts when there is none of `epoch`.
    /// @return digest of it
    /// @return activatesAt Unix seconds
    /// @return reasons for which it is held, the HELD_ bits
    function pending(uint64 epoch) external view returns (bytes32 digest, uint64 activatesAt, uint16 reasons);

    /// @notice How old what was signed in `epoch` is.
    /// @return age `epochsBetween` it and the epoch that is posted next
    /// @return latest the newest epoch that honest nodes sign in now: one after that which is posted next; where `epoch` is below one that a
    /// restart opened, the newest that they signed in before. An `epoch` above it did not run
    function ageOf(uint64 epoch) external view returns (uint256 age, uint64 latest);

    /// @notice How many epochs the protocol chain went from `from` to `to`; 0 when it did not go forward. A restart goes on from the last active
    /// epoch: what it voided, and numbers that it skipped, do not count.
    function epochsBetween(uint64 from, uint64 to) external view returns (uint256);

    /// @notice Digest that the next settlement names as its previous: of the newest posted one, or of what opened the epoch.
    function latestDigest() external view returns (bytes32);

    /// @notice Paid to `account` so far.
    function claimed(address account) external view returns (Paid memory);

    /// @notice Where claims for `account` go.
    function payeeOf(address account) external view returns (address);

    /// @notice Hash of the slash list of an active settlement; zero when it has none or the epoch is not active.
    function slashListHash(uint64 epoch) external view returns (bytes32);

    /// @notice What accounts escape against. `key` names the root: the number of active epochs.
    function escapeRoot() external view returns (bool open, bytes32 balanceRoot, uint64 l2Number, uint64 key);

    /// @notice What settlements are measured against.
    function limits() external view returns (Limits memory);

    /// @notice When accounts may escape and governance may recover.
    function delays() external view returns (Delays memory);

    /// @notice keccak256(abi.encode(chainid, this contract)).
    function networkId() external view returns (bytes32);

    /// @notice What a settlement is named by.
    function settlementDigest(Settlement calldata settlement) external pure returns (bytes32);

    /// @notice The 32 bytes that the committee signs.
    function settlementMessage(Settlement calldata settlement) external view returns (bytes32);

    /// @notice The hash by which a settlement names a committee.
    function hashCommittee(Committee calldata committee) external pure returns (bytes32);

    /// @notice The token that settlements mint.
    function flk() external view returns (IFLK);

    /// @notice The stablecoin that claims pay.
    function stable() external view returns (IERC20);

    /// @notice The custody that claims are paid from.
    function vault() external view returns (address);

    /// @notice The registry of consensus keys.
    function staking() external view returns (INodeStaking);

    /// @notice Where the minimum stake of committee members is read.
    function parameters() external view returns (IProtocolParameters);
}
