// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IEpochSettlement} from "./IEpochSettlement.sol";
import {ITimedPause} from "./ITimedPause.sol";

interface IClientVaultErrors {
    /// @notice Nothing arrived, or nothing was asked.
    error ZeroAmount();
    /// @notice The zero address holds no account.
    error ZeroBeneficiary();
    /// @notice The permit failed and the allowance does not cover the deposit.
    error PermitFailed();
    /// @notice Deposits of all accounts together must fit 64 bits (the protocol chain counts micro-USD in 64 bits).
    error DepositLimitExceeded(uint256 total);
    /// @notice With this deposit, `total` was ever deposited for the account; an account takes at least `minDeposit`.
    error DepositTooSmall(uint256 total, uint256 minDeposit);
    /// @notice The minimum cannot exceed `max`, so that governance cannot close the vault by it.
    error MinDepositTooHigh(uint256 minDeposit, uint256 max);
    /// @notice A forced withdrawal is for an account that deposited, and for at least `minDeposit`, so that requests cannot flood
    /// the protocol chain.
    error WithdrawalTooSmall(uint256 amount, uint256 minDeposit);
    /// @notice Nobody escapes while the settlement is not frozen.
    error NotFrozen();
    /// @notice (account, balance, depositsSeen) is no leaf of the balance root of the last active settlement.
    error InvalidProof();
    /// @notice The first deposit of the account, in block `firstDeposit`, is one that the last active settlement knows: it needs a
    /// proof of its leaf.
    error ProofNeeded(uint256 firstDeposit, uint256 l2Number);
    /// @notice The account took all of it before.
    error NothingToEscape(address account);
}

interface IClientVaultEvents {
    /// @notice `amount` arrived for `account` from `from`; `total` is everything ever deposited for `account`.
    event Deposited(address indexed account, address indexed from, uint256 amount, uint256 total);
    /// @notice Accounts need `minDeposit` in cumulative deposits from now on. Also emitted at deployment.
    event MinDepositSet(uint256 minDeposit);
    /// @notice The protocol chain turns up to `amount` of the balance of `account` into a payout when its L2 view has this.
    event WithdrawRequested(address indexed account, uint256 amount);
    /// @notice `account` left with `amount`, of which `balance` was settled and the rest was deposited and not seen. The protocol
    /// chain takes its account as emptied, with `depositsCounted` deposits seen.
    event Escaped(address indexed account, uint256 amount, uint256 balance, uint256 depositsCounted);
}

/// @title Custody of the stablecoin that clients top up
/// @notice Amounts are base units of the stablecoin: micro-USD. What an account may spend is known to the protocol chain,
/// not here; the vault keeps only what came in, per account and cumulative. The settlement takes what an epoch adds to
/// the payouts, by an allowance that nobody can change; everything else leaves by `escape`. A pause stops deposits, nothing else.
/// @dev Assumes an ERC-20 whose balances move only by transfers (no rebasing) and that leaves an unlimited allowance as it is, or
/// takes from it. Assumes no fees on transfer. Should the stablecoin begin to charge them, a deposit counts as what arrived, but payouts and
/// escapes count as what was sent: receivers get less than they are owed, and where the fee is taken from what an activation moves, the
/// settlement holds less than it owes and the last claims revert until somebody adds what lacks. A fee on top of what is sent leaves the
/// vault below the balances, so that settlements are held as insolvent. Assumes that `block.number` is the number that RPCs of the L2 give a
/// block (not so on chains that report the number of another layer).
interface IClientVault is ITimedPause, IClientVaultErrors, IClientVaultEvents {
    /// @notice What an account took out while the settlement was frozen.
    struct Exit {
        /// number of active epochs + 1 when it last took its settled balance; 0: never
        uint64 takenAt;
        /// deposits that it was paid or that were settled when it left: micro-USD, cumulative
        uint64 depositsCounted;
    }

    /// @notice Takes `amount` from the caller for `beneficiary`. The amount that arrives counts; together with what was deposited
    /// for `beneficiary` before, it must reach `minDeposit`, so that dust cannot fill the state of the protocol chain.
    function deposit(address beneficiary, uint256 amount) external;

    /// @notice As `deposit`, with an ERC-2612 permit of the caller for this vault. A permit that someone else submitted
    /// first does no harm: the allowance decides.
    function depositWithPermit(
        address beneficiary,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice As `deposit`, with an ERC-3009 authorization (`receiveWithAuthorization`) of `from` for this vault: anyone may submit it. Its
    /// nonce must be `authorizationNonce(beneficiary, salt)`, so that whoever submits it cannot choose another beneficiary.
    function depositWithAuthorization(
        address from,
        address beneficiary,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external;

    /// @notice Asks the protocol chain to pay out `amount` of the caller's balance, or all of it when that is less: for accounts
    /// that are contracts, and where the committee does not take the account's transactions.
    function requestWithdraw(uint256 amount) external;

    /// @notice Pays `account` what the last active settlement says it owns, and what was deposited since and not seen. Only while the
    /// settlement is frozen. No money leaves twice: a second call pays later deposits only.
    /// @param balance micro-USD of its leaf under `settlement.escapeRoot()`
    /// @param depositsSeen micro-USD of the same leaf
    function escape(address account, uint256 balance, uint256 depositsSeen, bytes32[] calldata proof) external;

    /// @notice As `escape`, for an account whose first deposit is later than everything that the last active settlement saw.
    function escapeUnseen(address account) external;

    /// @notice Sets the least that the deposits of an account add up to. Only governance. At most 100 USD.
    function setMinDeposit(uint256 amount) external;

    /// @notice The stablecoin.
    function stable() external view returns (IERC20);

    /// @notice What pays claims, and says when accounts may escape.
    function settlement() external view returns (IEpochSettlement);

    /// @notice Everything ever deposited for `account`.
    function deposited(address account) external view returns (uint256);

    /// @notice L2 block of the first deposit for `account`; 0 when there is none.
    function firstDepositBlock(address account) external view returns (uint256);

    /// @notice Everything ever deposited.
    function totalDeposited() external view returns (uint256);

    /// @notice Everything that left by `escape`.
    function totalEscaped() external view returns (uint256);

    /// @notice What `account` took out by `escape`.
    function exitOf(address account) external view returns (Exit memory);

    /// @notice The least that the deposits of an account add up to; goes together with the parameter "minBalance".
    function minDeposit() external view returns (uint256);

    /// @notice The ERC-3009 nonce that binds an authorization to `beneficiary`. A sequence of zero in its last 8 bytes, as tokens
    /// with keyed nonces want it.
    function authorizationNonce(address beneficiary, bytes32 salt) external pure returns (bytes32);
}
