// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Custody of the stablecoin that clients top up
/// @notice Amounts are base units of the stablecoin: micro-USD. What an account may spend is known to the protocol chain,
/// not here; the vault keeps only what came in, per account and cumulative, and pays what settlements allow.
/// @dev Assumes an ERC-20 whose balances move only by transfers (no rebasing). Fees on transfer are fine: what arrived counts.
interface IClientVault {
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

    /// @notice `amount` arrived for `account` from `from`; `total` is everything ever deposited for `account`.
    event Deposited(address indexed account, address indexed from, uint256 amount, uint256 total);
    /// @notice A settled payout left the vault.
    event PaidOut(address indexed to, uint256 amount);
    /// @notice Accounts need `minDeposit` in cumulative deposits from now on. Also emitted at deployment.
    event MinDepositSet(uint256 minDeposit);

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

    /// @notice Pays `amount` to `to`. Only the settlement, which knows what is owed.
    function payOut(address to, uint256 amount) external;

    /// @notice Sets the least that the deposits of an account add up to. Only governance. At most 100 USD.
    function setMinDeposit(uint256 amount) external;

    /// @notice The stablecoin.
    function stable() external view returns (IERC20);

    /// @notice Everything ever deposited for `account`.
    function deposited(address account) external view returns (uint256);

    /// @notice Everything ever deposited.
    function totalDeposited() external view returns (uint256);

    /// @notice The least that the deposits of an account add up to; goes together with the parameter "minBalance".
    function minDeposit() external view returns (uint256);

    /// @notice Everything ever paid out.
    function totalPaidOut() external view returns (uint256);
}
