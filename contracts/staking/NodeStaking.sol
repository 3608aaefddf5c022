// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IEpochClock} from "../interfaces/IEpochClock.sol";
import {IFlkVotes} from "../interfaces/IFlkVotes.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";
import {ITimedPause} from "../interfaces/ITimedPause.sol";
import {TimedPause} from "../libraries/TimedPause.sol";
import {NodeRegistry} from "./NodeRegistry.sol";

/// @title Implementation of {INodeStaking}, which says what it does
contract NodeStaking is NodeRegistry, AccessManagedUpgradeable, UUPSUpgradeable {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    uint256 private constant MAX_REQUESTS = 32;
    bytes32 private constant THAW_PERIOD = "thawPeriod";
    bytes32 private constant MAX_LOCK = "maxLock";

    /// @inheritdoc INodeStaking
    IERC20 public immutable flk;
    /// @inheritdoc INodeStaking
    IProtocolParameters public immutable parameters;
    /// @inheritdoc INodeStaking
    address public immutable slasher;
    /// @inheritdoc INodeStaking
    IFlkVotes public immutable votes;

    mapping(uint32 nodeId => ThawingRequest[] requests) private _requests;

    constructor(
        IERC20 token,
        IProtocolParameters protocolParameters,
        address epochSettlement,
        address slasherContract,
        IFlkVotes stakedVotes
    ) NodeRegistry(IEpochClock(epochSettlement)) {
        flk = token;
        parameters = protocolParameters;
        slasher = slasherContract;
        votes = stakedVotes;
        _disableInitializers();
    }

    /// @notice Sets the authority, once.
    function initialize(address authority) external initializer {
        __AccessManaged_init(authority);
    }

    /// @inheritdoc INodeStaking
    function register(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints
    ) external returns (uint32) {
        return _register(key, proof, networkKey, endpoints);
    }

    /// @inheritdoc INodeStaking
    function registerWithStake(
        bytes calldata key,
        bytes calldata proof,
        bytes32 networkKey,
        string calldata endpoints,
        uint256 amount
    ) external returns (uint32 nodeId) {
        nodeId = _register(key, proof, networkKey, endpoints);
        _stake(nodeId, amount);
    }

    /// @inheritdoc INodeStaking
    function stake(uint32 nodeId, uint256 amount) external onlyOwnerOrOperator(nodeId) {
        _stake(nodeId, amount);
    }

    /// @inheritdoc INodeStaking
    function stakeWithPermit(
        uint32 nodeId,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external onlyOwnerOrOperator(nodeId) {
        try IERC20Permit(address(flk)).permit(msg.sender, address(this), amount, deadline, v, r, s) {
            _stake(nodeId, amount);
        } catch {
            // Anyone may have submitted the permit first; then the allowance is there.
            if (flk.allowance(msg.sender, address(this)) < amount) revert PermitFailed();
            _stake(nodeId, amount);
        }
    }

    /// @inheritdoc INodeStaking
    function lock(uint32 nodeId, uint64 duration) external onlyOwner(nodeId) {
        uint256 max = parameters.get(MAX_LOCK);
        if (duration > max) revert LockTooLong(duration, max);
        Node storage info = _nodes[nodeId];
        uint64 lockedUntil = (block.timestamp + duration).toUint64();
        if (lockedUntil < info.lockedUntil) revert LockShortened(nodeId, lockedUntil, info.lockedUntil);
        info.lockedUntil = lockedUntil;
        emit StakeLocked(nodeId, lockedUntil);
    }

    /// @inheritdoc INodeStaking
    function requestUnstake(uint32 nodeId, uint256 amount) external onlyOwner(nodeId) returns (uint64 requestId) {
        if (amount == 0) revert ZeroAmount();
        Node storage info = _nodes[nodeId];
        if (info.lockedUntil > block.timestamp) revert StillLocked(nodeId, info.lockedUntil);
        if (amount > info.staked) revert InsufficientStake(nodeId, amount, info.staked);
        ThawingRequest[] storage requests = _requests[nodeId];
        if (requests.length == MAX_REQUESTS) revert TooManyRequests(nodeId);

        requestId = info.requestCount++;
        uint64 maturesAt = (block.timestamp + parameters.get(THAW_PERIOD)).toUint64();
        requests.push(ThawingRequest(requestId, maturesAt, uint128(amount)));
        _setStake(nodeId, info.staked - uint96(amount), info.thawing + uint96(amount));
        emit UnstakeRequested(nodeId, requestId, amount, maturesAt);
    }

    /// @inheritdoc INodeStaking
    function cancelUnstake(uint32 nodeId, uint64 requestId) external onlyOwner(nodeId) {
        uint256 index = _find(nodeId, requestId);
        uint96 amount = uint96(_requests[nodeId][index].amount);
        _remove(nodeId, index);
        Node storage info = _nodes[nodeId];
        _setStake(nodeId, info.staked + amount, info.thawing - amount);
        emit UnstakeCancelled(nodeId, requestId, amount);
    }

    /// @inheritdoc INodeStaking
    function withdraw(uint32 nodeId, uint64 requestId, address to) external onlyOwner(nodeId) {
        uint256 index = _find(nodeId, requestId);
        uint64 maturesAt = _requests[nodeId][index].maturesAt;
        if (maturesAt > block.timestamp) revert StillThawing(nodeId, requestId, maturesAt);
        _pay(nodeId, to, _take(nodeId, to, index));
    }

    /// @inheritdoc INodeStaking
    function withdrawMatured(uint32 nodeId, address to) external onlyOwner(nodeId) returns (uint256 amount) {
        ThawingRequest[] storage requests = _requests[nodeId];
        for (uint256 i = requests.length; i > 0; i--) {
            if (requests[i - 1].maturesAt <= block.timestamp) amount += _take(nodeId, to, i - 1);
        }
        if (amount == 0) revert NothingMatured(nodeId);
        _pay(nodeId, to, amount);
    }

    /// @inheritdoc INodeStaking
    function slash(uint32 nodeId, uint256 amount, address reporter, uint256 reward) external returns (uint256 slashed) {
        if (msg.sender != slasher) revert NotSlasher(msg.sender);
        if (reward != 0 && reporter == address(0)) revert ZeroRecipient();
        Node storage info = _nodes[nodeId];
        uint256 available = uint256(info.staked) + info.thawing;
        slashed = Math.min(amount, available);
        if (slashed == 0) return 0;

        uint256 thawed = _slashRequests(nodeId, slashed, available);
        info.slashed += uint96(slashed);
        if (info.optedIn) {
            info.optedIn = false;
            emit ParticipationSet(nodeId, false);
        }
        _setStake(nodeId, info.staked - uint96(slashed - thawed), info.thawing - uint96(thawed));
        reward = Math.min(reward, slashed);
        emit Slashed(nodeId, slashed, reporter, reward);

        votes.transferUnits(info.owner, address(0), slashed);
        if (reward != 0) flk.safeTransfer(reporter, reward);
        if (slashed != reward) ERC20Burnable(address(flk)).burn(slashed - reward);
    }

    /// @inheritdoc ITimedPause
    function pauseFor(uint32 duration) external restricted {
        _totals.pausedUntil = TimedPause.start(_totals.pausedUntil, duration);
    }

    /// @inheritdoc ITimedPause
    function unpause() external restricted {
        _totals.pausedUntil = TimedPause.end(_totals.pausedUntil);
    }

    /// @inheritdoc ITimedPause
    function pausedUntil() external view returns (uint40) {
        return _totals.pausedUntil;
    }

    /// @inheritdoc INodeStaking
    function thawingRequests(uint32 nodeId) external view returns (ThawingRequest[] memory) {
        return _requests[nodeId];
    }

    /// @inheritdoc INodeStaking
    function totals() external view returns (uint256 staked, uint256 thawing) {
        return (_totals.staked, _totals.thawing);
    }

    function _authorizeUpgrade(address) internal override restricted {}

    function _stake(uint32 nodeId, uint256 amount) private {
        TimedPause.requireNotPaused(_totals.pausedUntil);
        if (amount == 0) revert ZeroAmount();
        Node storage info = _nodes[nodeId];
        _setStake(nodeId, info.staked + amount.toUint96(), info.thawing);
        votes.transferUnits(address(0), info.owner, amount);
        flk.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Takes from each request its share of `slashed` out of `available`, rounded so that shares add up: the difference of what the
    /// requests so far lose together, rounded down, before and after it. That is less than a wei off and never more than the request.
    /// What the requests do not lose the stake loses: so the sum is exact.
    /// @return taken wei in all
    function _slashRequests(uint32 nodeId, uint256 slashed, uint256 available) private returns (uint256 taken) {
        ThawingRequest[] storage requests = _requests[nodeId];
        uint256 passed = 0;
        for (uint256 i = requests.length; i > 0; i--) {
            uint128 amount = requests[i - 1].amount;
            passed += amount;
            // Neither factor exceeds 97 bits.
            uint256 takenUpTo = (passed * slashed) / available;
            uint128 share = uint128(takenUpTo - taken);
            taken = takenUpTo;
            if (share == amount) _remove(nodeId, i - 1);
            else if (share != 0) requests[i - 1].amount = amount - share;
        }
    }

    /// @dev Removes the request, which was seen to have matured, and logs that it goes to `to`.
    function _take(uint32 nodeId, address to, uint256 index) private returns (uint256 amount) {
        ThawingRequest storage request = _requests[nodeId][index];
        amount = request.amount;
        emit Withdrawn(nodeId, to, request.id, amount);
        _remove(nodeId, index);
    }

    function _remove(uint32 nodeId, uint256 index) private {
        ThawingRequest[] storage requests = _requests[nodeId];
        uint256 last = requests.length - 1;
        if (index != last) requests[index] = requests[last];
        requests.pop();
    }

    function _pay(uint32 nodeId, address to, uint256 amount) private {
        if (to == address(0)) revert ZeroRecipient();
        Node storage info = _nodes[nodeId];
        _setStake(nodeId, info.staked, info.thawing - uint96(amount));
        votes.transferUnits(info.owner, address(0), amount);
        flk.safeTransfer(to, amount);
    }

    /// @dev Writes the stake of a node and, by the difference, the sums.
    function _setStake(uint32 nodeId, uint96 staked, uint96 thawing) private {
        Node storage info = _nodes[nodeId];
        if (staked > info.staked) {
            uint256 peak = Math.min(Math.ceilDiv(staked, PEAK_UNIT), MAX_PEAK);
            if (peak > info.peak) info.peak = uint24(peak);
        }
        _totals.staked = _totals.staked + staked - info.staked;
        _totals.thawing = _totals.thawing + thawing - info.thawing;
        info.staked = staked;
        info.thawing = thawing;
        emit StakeChanged(nodeId, staked, thawing);
    }

    function _find(uint32 nodeId, uint64 requestId) private view returns (uint256 index) {
        ThawingRequest[] storage requests = _requests[nodeId];
        for (; index < requests.length; ++index) {
            if (requests[index].id == requestId) return index;
        }
        revert UnknownRequest(nodeId, requestId);
    }
}
