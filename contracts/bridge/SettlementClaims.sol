// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {SettlementState} from "./SettlementState.sol";

/// @title How accounts are paid
/// @dev Everything is written before a token is called, so that a token or payee that calls back finds the claim done.
abstract contract SettlementClaims is IEpochSettlement, SettlementState {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @inheritdoc IEpochSettlement
    function claimMany(Claim[] calldata claims) external returns (uint256 paid) {
        for (uint256 i = 0; i < claims.length; ++i) {
            Claim calldata one = claims[i];
            try this.claim(one.account, one.stable, one.flk, one.proof) {
                ++paid;
            } catch (bytes memory reason) {
                emit ClaimFailed(one.account, reason);
            }
        }
    }

    /// @inheritdoc IEpochSettlement
    function claim(address account, uint256 stableTotal, uint256 flkTotal, bytes32[] calldata proof) external {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, stableTotal, flkTotal))));
        if (!MerkleProof.verifyCalldata(proof, _payoutRoot, leaf)) revert InvalidProof();

        (uint256 stablePaid, uint256 flkPaid, address payee) = _recordClaim(account, stableTotal, flkTotal);
        if (stablePaid != 0) _stable.safeTransfer(payee, stablePaid);
        if (flkPaid != 0) IERC20(_flk).safeTransfer(payee, flkPaid);
    }

    /// @inheritdoc IEpochSettlement
    function setPayee(address payee) external {
        bool redirected = payee != address(0) && payee != msg.sender;
        _paid[msg.sender].redirected = redirected;
        _payees[msg.sender] = redirected ? payee : address(0);
        emit PayeeSet(msg.sender, redirected ? payee : msg.sender);
    }

    /// @inheritdoc IEpochSettlement
    function claimed(address account) external view returns (Paid memory) {
        return _paid[account];
    }

    /// @inheritdoc IEpochSettlement
    function payeeOf(address account) external view returns (address) {
        return _paid[account].redirected ? _payees[account] : account;
    }

    function _recordClaim(
        address account,
        uint256 stableTotal,
        uint256 flkTotal
    ) private returns (uint256 stablePaid, uint256 flkPaid, address payee) {
        Paid memory paid = _paid[account];
        if (stableTotal < paid.stable || flkTotal < paid.flk) revert ClaimedMoreBefore(account);
        stablePaid = stableTotal - paid.stable;
        uint256 flkDue = flkTotal - paid.flk;
        if (stablePaid == 0 && flkDue == 0) revert NothingToClaim(account);

        // What is minted and not claimed is here.
        if (flkDue != 0) flkPaid = Math.min(flkDue, _flk.balanceOf(address(this)));
        if (stablePaid == 0 && flkPaid == 0) revert NotMintedYet(account, flkDue);
        paid.stable = stableTotal.toUint64();
        paid.flk = (paid.flk + flkPaid).toUint128();
        _paid[account] = paid;
        payee = paid.redirected ? _payees[account] : account;
        emit Claimed(account, payee, stablePaid, flkPaid, paid.stable, paid.flk);
    }
}
