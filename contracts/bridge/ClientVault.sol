// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IClientVault} from "../interfaces/IClientVault.sol";

/// @title Implementation of {IClientVault}, which says what it does
contract ClientVault is IClientVault, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint256 private constant HIGHEST_MIN_DEPOSIT = 100_000_000;

    /// @inheritdoc IClientVault
    IERC20 public immutable stable;
    /// @inheritdoc IClientVault
    mapping(address account => uint256 amount) public deposited;
    /// @inheritdoc IClientVault
    uint256 public totalPaidOut;

    /// @dev One slot with `_minDeposit`: a deposit reads both.
    uint64 private _totalDeposited;
    uint64 private _minDeposit;

    constructor(address authority, IERC20 stablecoin, uint256 lowest) AccessManaged(authority) {
        stable = stablecoin;
        _setMinDeposit(lowest);
    }

    /// @inheritdoc IClientVault
    function deposit(address beneficiary, uint256 amount) external nonReentrant {
        _deposit(beneficiary, amount);
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
            _deposit(beneficiary, amount);
        } catch {
            // Anyone may have submitted the permit first; then the allowance is there.
            if (stable.allowance(msg.sender, address(this)) < amount) revert PermitFailed();
            _deposit(beneficiary, amount);
        }
    }

    /// @inheritdoc IClientVault
    function payOut(address to, uint256 amount) external restricted nonReentrant {
        totalPaidOut += amount;
        emit PaidOut(to, amount);
        stable.safeTransfer(to, amount);
    }

    /// @inheritdoc IClientVault
    function setMinDeposit(uint256 amount) external restricted {
        _setMinDeposit(amount);
    }

    /// @inheritdoc IClientVault
    function totalDeposited() external view returns (uint256) {
        return _totalDeposited;
    }

    /// @inheritdoc IClientVault
    function minDeposit() external view returns (uint256) {
        return _minDeposit;
    }

    function _setMinDeposit(uint256 amount) private {
        if (amount > HIGHEST_MIN_DEPOSIT) revert MinDepositTooHigh(amount, HIGHEST_MIN_DEPOSIT);
        _minDeposit = uint64(amount);
        emit MinDepositSet(amount);
    }

    function _deposit(address beneficiary, uint256 amount) private {
        if (beneficiary == address(0)) revert ZeroBeneficiary();
        uint256 before = stable.balanceOf(address(this));
        stable.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = stable.balanceOf(address(this)) - before;
        if (received == 0) revert ZeroAmount();

        uint256 all = _totalDeposited + received;
        if (all > type(uint64).max) revert DepositLimitExceeded(all);
        uint256 total = deposited[beneficiary] + received;
        if (total < _minDeposit) revert DepositTooSmall(total, _minDeposit);
        _totalDeposited = uint64(all);
        deposited[beneficiary] = total;
        emit Deposited(beneficiary, msg.sender, received, total);
    }
}
