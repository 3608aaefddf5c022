// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IFLK} from "./IFLK.sol";
import {IClientVault} from "./IClientVault.sol";
import {INodeStaking} from "./INodeStaking.sol";
import {Committee} from "../libraries/CommitteeCertificate.sol";

interface IEpochSettlementTypes {
    struct Settlement {
        uint64 epoch;
        /// digest of the settlement before, or the genesis digest
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

    /// @dev What the contract keeps of the newest settlement, and of claims.
    struct Status {
        /// the epoch that the next settlement must have
        uint64 nextEpoch;
        /// Unix ms
        uint64 closeTime;
        /// wei
        uint128 totalPayoutFlk;
        /// of the newest settlement, or the genesis digest
        bytes32 digest;
        /// of the committee that must sign the next settlement
        bytes32 committeeHash;
        /// micro-USD; both fit 64 bits, as all deposits together do
        uint64 totalBalances;
        uint64 totalPayoutStable;
        /// wei minted so far: totalPayoutFlk, less what the ceiling of the token still holds back
        uint128 mintedFlk;
        /// micro-USD
        uint128 claimedStable;
        /// wei
        uint128 claimedFlk;
    }

    struct Paid {
        /// micro-USD
        uint128 stable;
        /// wei
        uint128 flk;
    }
}

interface IEpochSettlementErrors {
    /// @notice The protocol starts once.
    error AlreadyStarted();
    /// @notice Nothing settles before the start.
    error NotStarted();
    /// @notice Epoch 0 starts at a time that is not 0.
    error InvalidStartTime();
    /// @notice The aggregate key is not the sum of the members' registered keys.
    error AggregateKeyMismatch();
    /// @notice The settlement or the committee is of `epoch`, `expected` is next.
    error WrongEpoch(uint64 epoch, uint64 expected);
    /// @notice The settlement does not follow the newest one.
    error WrongPrevious(bytes32 previous, bytes32 expected);
    /// @notice The committee is not the one that the settlement before named.
    error WrongCommittee(bytes32 committeeHash, bytes32 expected);
    /// @notice Time moves on with every settlement (Unix ms).
    error CloseTimeNotLater(uint64 closeTime, uint64 last);
    /// @notice Cumulative payouts never fall.
    error TotalsDecreased();
    /// @notice A settlement names the next committee.
    error NoNextCommittee();
    /// @notice The vault holds `held`, the settlement needs `owed` (micro-USD).
    error Insolvent(uint256 held, uint256 owed);
    /// @notice Claims go against the newest settlement only.
    error NotLatestSettlement(bytes32 digest, bytes32 latest);
    /// @notice (account, stable, flk) is no leaf of the payout root.
    error InvalidProof();
    /// @notice What the leaf still owes, `owed` wei of FLK alone, is not minted yet: a later settlement mints it.
    error NotMintedYet(address account, uint256 owed);
    /// @notice Everything in the leaf was paid before.
    error NothingToClaim(address account);
    /// @notice The leaf is below what was paid: the settlement contradicts an earlier one.
    error ClaimedMoreBefore(address account);
    /// @notice Claims together exceed the totals of the settlement: root and totals contradict each other.
    error ClaimsExceedTotals();
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
    /// @notice An epoch is settled; `flkMinted` wei were minted with it: what was owed and not minted yet, as the ceiling allowed.
    event Settled(uint64 indexed epoch, bytes32 indexed digest, Settlement settlement, uint256 flkMinted);
    /// @notice `account` was paid, and has been paid so much in all. That may be less FLK than the leaf says, see `claim`.
    event Claimed(
        address indexed account,
        uint256 stablePaid,
        uint256 flkPaid,
        uint256 cumulativeStable,
        uint256 cumulativeFlk
    );
}

/// @title Settles epochs of the protocol chain and pays what they owe
/// @notice A settlement is accepted when it is of the next epoch, names the newest one as its previous, and carries a certificate
/// of the committee that the previous one named. Anyone may post it, anyone may claim for anyone. Payouts are cumulative: a
/// claim pays the difference to what was paid before, to the account itself.
/// The ceiling of the token never stops a settlement: FLK above it stays owed, later settlements mint it as the ceiling allows,
/// and until then claims pay what is there, first come first served.
/// @dev Trusts a quorum of the committee for what the settlement says; it cannot pay out more than the vault holds beyond client
/// balances, nor mint above the ceiling of the token.
interface IEpochSettlement is IEpochSettlementErrors, IEpochSettlementEvents {
    /// @notice Starts the protocol, once. Only governance. Epoch 0 belongs to `genesis`, whose keys must be registered.
    /// @param startTime Unix ms
    function start(Committee calldata genesis, uint64 startTime) external;

    /// @notice Settles the next epoch.
    /// @param committee of that epoch, as the settlement before (or `start`) fixed it by hash
    /// @param nonSigners node ids of the members that did not sign, strictly ascending
    /// @param signature aggregate of the signers over `settlementMessage`, EIP-2537 G2
    function settle(
        Settlement calldata settlement,
        Committee calldata committee,
        uint32[] calldata nonSigners,
        bytes calldata signature
    ) external;

    /// @notice Pays `account` what the newest settlement owes it and was not paid yet: all of the stablecoin, and as much FLK as is
    /// minted and not claimed. The rest of the FLK can be claimed once a later settlement minted it.
    /// @param stable cumulative micro-USD of the leaf
    /// @param flk cumulative wei of the leaf
    /// @param proof of the leaf under `settlement.payoutRoot`
    /// @param settlement the newest one
    function claim(
        address account,
        uint256 stable,
        uint256 flk,
        bytes32[] calldata proof,
        Settlement calldata settlement
    ) external;

    /// @notice What the contract keeps.
    function status() external view returns (Status memory);

    /// @notice The epoch that settles next; the newest settled one is the epoch before.
    function nextEpoch() external view returns (uint64);

    /// @notice Digest of the newest settlement; the genesis digest before the first.
    function latestDigest() external view returns (bytes32);

    /// @notice Hash of the committee that signs the next settlement; zero before the start.
    function committeeHash() external view returns (bytes32);

    /// @notice Paid to `account` so far.
    function claimed(address account) external view returns (Paid memory);

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

    /// @notice The custody that claims are paid from.
    function vault() external view returns (IClientVault);

    /// @notice The registry of consensus keys.
    function staking() external view returns (INodeStaking);
}
