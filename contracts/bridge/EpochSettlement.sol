// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IClientVault} from "../interfaces/IClientVault.sol";
import {IEpochSettlement} from "../interfaces/IEpochSettlement.sol";
import {IFLK} from "../interfaces/IFLK.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {Committee, CommitteeCertificate} from "../libraries/CommitteeCertificate.sol";
import {ConsensusMessage} from "../libraries/ConsensusMessage.sol";

/// @title Implementation of {IEpochSettlement}, which says what it does
contract EpochSettlement is IEpochSettlement, AccessManaged {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    bytes32 private constant SETTLEMENT_TYPEHASH = keccak256(
        "FlkSettlement(uint64 epoch,bytes32 previous,uint64 closeTime,uint64 l2Number,bytes32 l2Hash,bytes32 stateRoot,bytes32 payoutRoot,bytes32 balanceRoot,bytes32 reportHash,uint256 totalBalances,uint256 totalPayoutStable,uint256 totalPayoutFlk,bytes32 slashListHash,bytes32 nextCommitteeHash)"
    );
    bytes32 private constant GENESIS_TYPEHASH = keccak256(
        "FlkGenesis(bytes32 networkId,bytes32 committeeHash,uint64 startTime,uint64 l2Number)"
    );

    /// @inheritdoc IEpochSettlement
    IFLK public immutable flk;
    /// @inheritdoc IEpochSettlement
    IClientVault public immutable vault;
    /// @inheritdoc IEpochSettlement
    INodeStaking public immutable staking;

    Status private _status;
    mapping(address account => Paid paid) private _claimed;

    constructor(
        address authority,
        IFLK token,
        IClientVault clientVault,
        INodeStaking nodeStaking
    ) AccessManaged(authority) {
        flk = token;
        vault = clientVault;
        staking = nodeStaking;
    }

    /// @inheritdoc IEpochSettlement
    function start(Committee calldata genesis, uint64 startTime) external restricted {
        if (_status.committeeHash != 0) revert AlreadyStarted();
        if (startTime == 0) revert InvalidStartTime();
        if (genesis.epoch != 0) revert WrongEpoch(genesis.epoch, 0);
        bytes memory sum = staking.sumOfKeys(CommitteeCertificate.keyIds(genesis.members));
        if (keccak256(sum) != keccak256(genesis.aggregateKey)) revert AggregateKeyMismatch();

        bytes32 hash = CommitteeCertificate.hash(genesis);
        uint64 l2Number = uint64(block.number);
        bytes32 digest = keccak256(abi.encode(GENESIS_TYPEHASH, networkId(), hash, startTime, l2Number));
        _status.committeeHash = hash;
        _status.digest = digest;
        _status.closeTime = startTime;
        emit Started(genesis, hash, startTime, l2Number, digest, flk.totalSupply());
        flk.openAccrual(startTime);
    }

    /// @inheritdoc IEpochSettlement
    function settle(
        Settlement calldata settlement,
        Committee calldata committee,
        uint32[] calldata nonSigners,
        bytes calldata signature
    ) external {
        bytes32 digest = settlementDigest(settlement);
        _requireNext(settlement, committee);
        CommitteeCertificate.verify(
            committee,
            nonSigners,
            ConsensusMessage.ofSettlement(networkId(), settlement.epoch, digest),
            signature,
            staking
        );
        _requireSolvent(settlement);

        uint256 mintedBefore = _status.mintedFlk;
        uint256 flkToMint = Math.min(settlement.totalPayoutFlk - mintedBefore, flk.mintable(settlement.closeTime));
        _write(settlement, digest, mintedBefore + flkToMint);
        emit Settled(settlement.epoch, digest, settlement, flkToMint);
        flk.mint(address(this), flkToMint, settlement.closeTime);
    }

    /// @inheritdoc IEpochSettlement
    function claim(
        address account,
        uint256 stable,
        uint256 flkAmount,
        bytes32[] calldata proof,
        Settlement calldata settlement
    ) external {
        bytes32 digest = settlementDigest(settlement);
        if (digest != _status.digest) revert NotLatestSettlement(digest, _status.digest);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, stable, flkAmount))));
        if (!MerkleProof.verifyCalldata(proof, settlement.payoutRoot, leaf)) revert InvalidProof();

        (uint256 stablePaid, uint256 flkPaid) = _recordClaim(account, stable, flkAmount);
        if (stablePaid != 0) vault.payOut(account, stablePaid);
        if (flkPaid != 0) IERC20(flk).safeTransfer(account, flkPaid);
    }

    /// @inheritdoc IEpochSettlement
    function status() external view returns (Status memory) {
        return _status;
    }

    /// @inheritdoc IEpochSettlement
    function nextEpoch() external view returns (uint64) {
        return _status.nextEpoch;
    }

    /// @inheritdoc IEpochSettlement
    function latestDigest() external view returns (bytes32) {
        return _status.digest;
    }

    /// @inheritdoc IEpochSettlement
    function committeeHash() external view returns (bytes32) {
        return _status.committeeHash;
    }

    /// @inheritdoc IEpochSettlement
    function claimed(address account) external view returns (Paid memory) {
        return _claimed[account];
    }

    /// @inheritdoc IEpochSettlement
    function settlementMessage(Settlement calldata settlement) external view returns (bytes32) {
        return ConsensusMessage.ofSettlement(networkId(), settlement.epoch, settlementDigest(settlement));
    }

    /// @inheritdoc IEpochSettlement
    function hashCommittee(Committee calldata committee) external pure returns (bytes32) {
        return CommitteeCertificate.hash(committee);
    }

    /// @inheritdoc IEpochSettlement
    function networkId() public view returns (bytes32) {
        return ConsensusMessage.networkId(address(this));
    }

    /// @inheritdoc IEpochSettlement
    function settlementDigest(Settlement calldata settlement) public pure returns (bytes32) {
        return keccak256(abi.encode(SETTLEMENT_TYPEHASH, settlement));
    }

    function _write(Settlement calldata settlement, bytes32 digest, uint256 mintedFlk) private {
        _status.nextEpoch = settlement.epoch + 1;
        _status.closeTime = settlement.closeTime;
        _status.digest = digest;
        _status.committeeHash = settlement.nextCommitteeHash;
        _status.totalBalances = settlement.totalBalances.toUint64();
        _status.totalPayoutStable = settlement.totalPayoutStable.toUint64();
        _status.totalPayoutFlk = settlement.totalPayoutFlk.toUint128();
        // No need for a checked cast: at most the total.
        _status.mintedFlk = uint128(mintedFlk);
    }

    function _recordClaim(
        address account,
        uint256 stable,
        uint256 flkAmount
    ) private returns (uint256 stablePaid, uint256 flkPaid) {
        Paid memory paid = _claimed[account];
        if (stable < paid.stable || flkAmount < paid.flk) revert ClaimedMoreBefore(account);
        stablePaid = stable - paid.stable;
        uint256 flkDue = flkAmount - paid.flk;
        if (stablePaid == 0 && flkDue == 0) revert NothingToClaim(account);

        uint256 claimedStable = _status.claimedStable + stablePaid;
        uint256 claimedFlk = _status.claimedFlk;
        if (claimedStable > _status.totalPayoutStable || claimedFlk + flkDue > _status.totalPayoutFlk) {
            revert ClaimsExceedTotals();
        }
        flkPaid = Math.min(flkDue, _status.mintedFlk - claimedFlk);
        if (stablePaid == 0 && flkPaid == 0) revert NotMintedYet(account, flkDue);
        // No need for checked casts: all are at most the totals, which are 128 bits.
        _status.claimedStable = uint128(claimedStable);
        _status.claimedFlk = uint128(claimedFlk + flkPaid);
        paid.stable = uint128(stable);
        paid.flk += uint128(flkPaid);
        _claimed[account] = paid;
        emit Claimed(account, stablePaid, flkPaid, paid.stable, paid.flk);
    }

    function _requireNext(Settlement calldata settlement, Committee calldata committee) private view {
        Status memory current = _status;
        if (current.committeeHash == 0) revert NotStarted();
        if (settlement.epoch != current.nextEpoch) revert WrongEpoch(settlement.epoch, current.nextEpoch);
        if (settlement.previous != current.digest) revert WrongPrevious(settlement.previous, current.digest);
        bytes32 hash = CommitteeCertificate.hash(committee);
        if (hash != current.committeeHash) revert WrongCommittee(hash, current.committeeHash);
        if (committee.epoch != settlement.epoch) revert WrongEpoch(committee.epoch, settlement.epoch);
        if (settlement.closeTime <= current.closeTime) {
            revert CloseTimeNotLater(settlement.closeTime, current.closeTime);
        }
        if (
            settlement.totalPayoutStable < current.totalPayoutStable ||
            settlement.totalPayoutFlk < current.totalPayoutFlk
        ) revert TotalsDecreased();
        if (settlement.nextCommitteeHash == 0) revert NoNextCommittee();
    }

    function _requireSolvent(Settlement calldata settlement) private view {
        uint256 held = vault.stable().balanceOf(address(vault));
        uint256 owed = settlement.totalBalances + settlement.totalPayoutStable - _status.claimedStable;
        if (held < owed) revert Insolvent(held, owed);
    }
}
