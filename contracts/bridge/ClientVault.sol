// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClientVault} from "../interfaces/IClientVault.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {ITimedPause} from "../interfaces/ITimedPause.sol";
import {IReceiveWithAuthorization} from "../interfaces/IReceiveWithAuthorization.sol";
import {TimedPause} from "../libraries/TimedPause.sol";

/// @title Implementation of {IClientVault}, which says what it does
contract ClientVault is IClientVault, AccessManagedUpgradeable, ReentrancyGuardTransient, UUPSUpgradeable {
    using SafeERC20 for IERC20;

    uint256 private constant HIGHEST_MIN_DEPOSIT = 100_000_000;

    /// @dev One slot: every deposit reads and writes it.
    struct Totals {
        uint64 deposited;
        uint64 minDeposit;
        uint40 pausedUntil;
        uint64 escaped;
    }

    struct Account {
        uint64 deposited;
        uint64 firstBlock;
    }

    /// @inheritdoc IClientVault
    IERC20 public immutable stable;
    /// @inheritdoc IClientVault
    IEpochSettlement public immutable settlement;

    Totals private _totals;
    mapping(address account => Account kept) private _accounts;
    mapping(address account => Exit exit) private _exits;

    constructor(IERC20 stablecoin, IEpochSettlement epochSettlement) {
        stable = stablecoin;
        settlement = epochSettlement;
        _disableInitializers();
    }

    /// @notice Sets the authority and the minimum deposit, and lets the settlement move the stablecoin; once.
    function initialize(address authority, uint256 lowest) external initializer {
        __AccessManaged_init(authority);
        _setMinDeposit(lowest);
        stable.forceApprove(address(settlement), type(uint256).max);
    }

    /// @inheritdoc IClientVault
    function deposit(address beneficiary, uint256 amount) external nonReentrant {
        _depositFrom(beneficiary, amount);
    }

    /// @inheritdoc IClientVault
    function depositWithPermit(
        address beneficiary,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        try IERC20Permit(address(stable)).permit(msg.sender, address(this), amount, deadline, v, r, s) {
            _depositFrom(beneficiary, amount);
        } catch {
            // Anyone may have submitted the permit first; then the allowance is there.
            if (stable.allowance(msg.sender, address(this)) < amount) revert PermitFailed();
            _depositFrom(beneficiary, amount);
        }
    }

    /// @inheritdoc IClientVault
    function depositWithAuthorization(
        address from,
        address beneficiary,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external nonReentrant {
        uint256 before = _heldFor(beneficiary);
        IReceiveWithAuthorization(address(stable)).receiveWithAuthorization(
            from,
            address(this),
            amount,
            validAfter,
            validBefore,
            authorizationNonce(beneficiary, salt),
            signature
        );
        _record(beneficiary, from, before);
    }

    /// @inheritdoc IClientVault
    function requestWithdraw(uint256 amount) external {
        uint256 lowest = Math.max(_totals.minDeposit, 1);
        if (amount < lowest || _accounts[msg.sender].deposited == 0) revert WithdrawalTooSmall(amount, lowest);
        emit WithdrawRequested(msg.sender, amount);
    }

    /// @inheritdoc IClientVault
    function escape(
        address account,
        uint256 balance,
        uint256 depositsSeen,
        bytes32[] calldata proof
    ) external nonReentrant {
        (bool open, bytes32 root, , uint64 key) = settlement.escapeRoot();
        if (!open) revert NotFrozen();
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, balance, depositsSeen))));
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert InvalidProof();

        bool taken = _exits[account].takenAt == key + 1;
        _exits[account].takenAt = key + 1;
        _leave(account, taken ? 0 : balance, depositsSeen);
    }

    /// @inheritdoc IClientVault
    function escapeUnseen(address account) external nonReentrant {
        (bool open, , uint64 l2Number, ) = settlement.escapeRoot();
        if (!open) revert NotFrozen();
        uint64 firstBlock = _accounts[account].firstBlock;
        if (firstBlock <= l2Number) revert ProofNeeded(firstBlock, l2Number);
        _leave(account, 0, 0);
    }

    /// @inheritdoc IClientVault
    function setMinDeposit(uint256 amount) external restricted {
        _setMinDeposit(amount);
    }

    /// @inheritdoc ITimedPause
    function pauseFor(uint32 duration) external restricted {
        _totals.pausedUntil = TimedPause.start(_totals.pausedUntil, duration);
    }

    /// @inheritdoc ITimedPause
    function unpause() external restricted {
        _totals.pausedUntil = TimedPause.end(_totals.pausedUntil);
    }

    /// @inheritdoc IClientVault
    function deposited(address account) external view returns (uint256) {
        return _accounts[account].deposited;
    }

    /// @inheritdoc IClientVault
    function firstDepositBlock(address account) external view returns (uint256) {
        return _accounts[account].firstBlock;
    }

    /// @inheritdoc IClientVault
    function totalDeposited() external view returns (uint256) {
        return _totals.deposited;
    }

    /// @inheritdoc IClientVault
    function totalEscaped() external view returns (uint256) {
        return _totals.escaped;
    }

    /// @inheritdoc IClientVault
    function exitOf(address account) external view returns (Exit memory) {
        return _exits[account];
    }

    /// @inheritdoc IClientVault
    function minDeposit() external view returns (uint256) {
        return _totals.minDeposit;
    }

    /// @inheritdoc ITimedPause
    function pausedUntil() external view returns (uint40) {
        return _totals.pausedUntil;
    }

    /// @inheritdoc IClientVault
    function authorizationNonce(address beneficiary, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(beneficiary, salt)) & ~bytes32(uint256(type(uint64).max));
    }

    function _authorizeUpgrade(address) internal override restricted {}

    function _setMinDeposit(uint256 amount) private {
        if (amount > HIGHEST_MIN_DEPOSIT) revert MinDepositTooHigh(amount, HIGHEST_MIN_DEPOSIT);
        _totals.minDeposit = uint64(amount);
        emit MinDepositSet(amount);
    }

    function _depositFrom(address beneficiary, uint256 amount) private {
        uint256 before = _heldFor(beneficiary);
        stable.safeTransferFrom(msg.sender, address(this), amount);
        _record(beneficiary, msg.sender, before);
    }

    /// @dev What is here before a deposit for `beneficiary`.
    function _heldFor(address beneficiary) private view returns (uint256) {
        if (beneficiary == address(0)) revert ZeroBeneficiary();
        return stable.balanceOf(address(this));
    }

    /// @dev What is here now and was not `before` is the deposit.
    function _record(address beneficiary, address from, uint256 before) private {
        uint256 received = stable.balanceOf(address(this)) - before;
        if (received == 0) revert ZeroAmount();

        Totals memory totals = _totals;
        TimedPause.requireNotPaused(totals.pausedUntil);
        uint256 all = totals.deposited + received;
        if (all > type(uint64).max) revert DepositLimitExceeded(all);
        Account memory account = _accounts[beneficiary];
        uint256 total = account.deposited + received;
        if (total < totals.minDeposit) revert DepositTooSmall(total, totals.minDeposit);
        if (account.deposited == 0) account.firstBlock = uint64(block.number);
        // No need for checked casts: both are at most the sum of all deposits.
        totals.deposited = uint64(all);
        account.deposited = uint64(total);
        _totals = totals;
        _accounts[beneficiary] = account;
        emit Deposited(beneficiary, from, received, total);
    }

    /// @dev Pays `balance` and every deposit that was neither seen by a settlement nor paid by an escape before.
    function _leave(address account, uint256 balance, uint256 depositsSeen) private {
        uint64 total = _accounts[account].deposited;
        uint256 counted = Math.max(depositsSeen, _exits[account].depositsCounted);
        uint256 amount = balance + Math.saturatingSub(total, counted);
        if (amount == 0) revert NothingToEscape(account);
        _exits[account].depositsCounted = total;
        _totals.escaped += uint64(amount);
        emit Escaped(account, amount, balance, total);
        stable.safeTransfer(account, amount);
    }
}
