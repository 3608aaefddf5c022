// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManagedUpgradeable} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IEpochClock} from "../interfaces/IEpochClock.sol";
import {IProtocolParameters} from "../interfaces/IProtocolParameters.sol";

/// @title Implementation of {IProtocolParameters}, which says what it does
contract ProtocolParameters is IProtocolParameters, AccessManagedUpgradeable, UUPSUpgradeable {
    uint256 private constant BPS = 10_000;
    /// @dev In real numbers an iteration of trust moves 2 (1 - damping)^n of it at most: below 2^-32 within the 256 that an epoch's close has.
    uint256 private constant MIN_DAMPING = 1_000;
    bytes32 private constant NODE = "nodeShareBps";
    bytes32 private constant SERVICE = "serviceShareBps";
    bytes32 private constant TREASURY = "treasuryShareBps";
    bytes32 private constant BUYBACK = "buybackShareBps";
    bytes32 private constant EPOCH_LENGTH = "epochLengthMs";
    bytes32 private constant THAW = "thawPeriod";
    bytes32 private constant EVIDENCE = "evidenceWindow";
    bytes32 private constant SLASH = "equivocationSlashBps";
    bytes32 private constant REWARD = "reporterRewardBps";

    /// @dev 160 bits, as the widest value is an address: what is set once and read often takes one slot.
    struct History {
        uint160 newest;
        /// epoch from which on `newest` is in force; 0 from the start
        uint64 effectiveEpoch;
        bool exists;
        /// in force before `newest`, and before that
        uint160 previous;
        uint160 older;
        uint160 min;
        uint160 max;
    }

    /// @inheritdoc IProtocolParameters
    IEpochClock public immutable settlement;

    bytes32[] private _keys;
    mapping(bytes32 key => History history) private _histories;

    constructor(IEpochClock clock) {
        settlement = clock;
        _disableInitializers();
    }

    /// @param list every parameter that there will ever be, and what it is at first
    function initialize(address authority, Parameter[] calldata list) external initializer {
        __AccessManaged_init(authority);
        for (uint256 i = 0; i < list.length; i++) _add(list[i]);
        _requireShares(get(NODE), get(SERVICE), get(TREASURY), get(BUYBACK));
        _requireOfLength();
    }

    /// @inheritdoc IProtocolParameters
    function setEpochLength(uint64 milliseconds) external restricted {
        _set(EPOCH_LENGTH, milliseconds);
        _requireOfLength();
    }

    /// @inheritdoc IProtocolParameters
    function setThawPeriod(uint32 period) external restricted {
        _set(THAW, period);
        requireThaw(settlement.activationDelay());
    }

    /// @inheritdoc IProtocolParameters
    function setEvidenceWindow(uint32 window) external restricted {
        _set(EVIDENCE, window);
        requireThaw(settlement.activationDelay());
    }

    /// @inheritdoc IProtocolParameters
    function setShares(uint16 nodeBps, uint16 serviceBps, uint16 treasuryBps, uint16 buybackBps) external restricted {
        _requireShares(nodeBps, serviceBps, treasuryBps, buybackBps);
        _set(NODE, nodeBps);
        _set(SERVICE, serviceBps);
        _set(TREASURY, treasuryBps);
        _set(BUYBACK, buybackBps);
    }

    /// @inheritdoc IProtocolParameters
    function setCommitteeSize(uint16 members) external restricted {
        _set("committeeSize", members);
    }

    /// @inheritdoc IProtocolParameters
    function setMinStake(uint128 amount) external restricted {
        _set("minStake", amount);
    }

    /// @inheritdoc IProtocolParameters
    function setEligibilityEpochs(uint32 epochs) external restricted {
        _set("eligibilityEpochs", epochs);
    }

    /// @inheritdoc IProtocolParameters
    function setMaxInflation(uint16 bps) external restricted {
        _set("maxInflationBps", bps);
    }

    /// @inheritdoc IProtocolParameters
    function setKappa(uint16 bps) external restricted {
        _set("kappaBps", bps);
    }

    /// @inheritdoc IProtocolParameters
    function setL2Stride(uint32 blocks) external restricted {
        _set("l2Stride", blocks);
    }

    /// @inheritdoc IProtocolParameters
    function setMaxPrice(uint64 price) external restricted {
        _set("maxPrice", price);
    }

    /// @inheritdoc IProtocolParameters
    function setMinBalance(uint64 amount) external restricted {
        _set("minBalance", amount);
    }

    /// @inheritdoc IProtocolParameters
    function setTreasury(address account) external restricted {
        _set("treasury", uint160(account));
    }

    /// @inheritdoc IProtocolParameters
    function setBuyback(address account) external restricted {
        _set("buyback", uint160(account));
    }

    /// @inheritdoc IProtocolParameters
    function setMaxLock(uint32 duration) external restricted {
        _set("maxLock", duration);
    }

    /// @inheritdoc IProtocolParameters
    function setMaxBoost(uint32 bps) external restricted {
        _set("maxBoostBps", bps);
    }

    /// @inheritdoc IProtocolParameters
    function setSlashing(uint16 equivocationBps, uint16 reporterBps) external restricted {
        _set(SLASH, equivocationBps);
        _set(REWARD, reporterBps);
    }

    /// @inheritdoc IProtocolParameters
    function setMaxSlashPerEpoch(uint128 amount) external restricted {
        _set("maxSlashPerEpoch", amount);
    }

    /// @inheritdoc IProtocolParameters
    function setReputation(uint16 dampingBps, uint16 riseBps, uint16 fallBps, uint16 decayBps) external restricted {
        if (dampingBps < MIN_DAMPING) revert DampingTooLow(dampingBps, MIN_DAMPING);
        _set("reputationDampingBps", dampingBps);
        _set("reputationRiseBps", riseBps);
        _set("reputationFallBps", fallBps);
        _set("reputationDecayBps", decayBps);
    }

    /// @inheritdoc IProtocolParameters
    function setFloors(uint16 reputation, uint16 uptimeBps) external restricted {
        _set("reputationFloor", reputation);
        _set("uptimeFloorBps", uptimeBps);
    }

    /// @inheritdoc IProtocolParameters
    function scheduled(bytes32 key) external view returns (uint256 value, uint64 effectiveEpoch) {
        History storage history = _history(key);
        return (history.newest, _isScheduled(history) ? history.effectiveEpoch : 0);
    }

    /// @inheritdoc IProtocolParameters
    function bounds(bytes32 key) external view returns (uint256 min, uint256 max) {
        History storage history = _history(key);
        return (history.min, history.max);
    }

    /// @inheritdoc IProtocolParameters
    function all() external view returns (Parameter[] memory list) {
        list = new Parameter[](_keys.length);
        for (uint256 i = 0; i < list.length; i++) {
            bytes32 key = _keys[i];
            History storage history = _histories[key];
            list[i] = Parameter(key, _inForce(history), history.min, history.max);
        }
    }

    /// @inheritdoc IProtocolParameters
    function get(bytes32 key) public view returns (uint256) {
        return _inForce(_history(key));
    }

    /// @inheritdoc IProtocolParameters
    function lowest(bytes32 key) public view returns (uint256) {
        History storage history = _history(key);
        if (history.effectiveEpoch == 0) return history.newest;
        uint256 value = Math.min(history.newest, history.previous);
        return _isScheduled(history) ? Math.min(value, history.older) : value;
    }

    /// @inheritdoc IProtocolParameters
    function slashing() external view returns (uint256 slashBps, uint256 rewardBps) {
        return (get(SLASH), get(REWARD));
    }

    /// @inheritdoc IProtocolParameters
    function evidenceEpochs() external view returns (uint256) {
        return Math.max(1, Math.ceilDiv(get(EVIDENCE) * 1000, lowest(EPOCH_LENGTH)));
    }

    /// @inheritdoc IProtocolParameters
    /// @dev Stake thaws for as long as was in force when that was asked for: the shortest of now and next must do for the longest of what it
    /// has to cover.
    function requireThaw(uint256 activationDelay) public view {
        History storage thaw = _history(THAW);
        uint256 shortest = Math.min(thaw.newest, _inForce(thaw));
        uint256 required = _twoEpochs() + activationDelay + _highest(EVIDENCE);
        if (shortest < required) revert ThawTooShort(shortest, required);
    }

    /// @inheritdoc IProtocolParameters
    function requireEscape(uint256 escapeDelay, uint256 activationDelay) public view {
        uint256 required = _twoEpochs() + 2 * activationDelay + 1;
        if (escapeDelay < required) revert EscapeTooShort(escapeDelay, required);
    }

    function _add(Parameter calldata parameter) private {
        bytes32 key = parameter.key;
        History storage history = _histories[key];
        if (history.exists) revert DuplicateParameter(key);
        if (parameter.min > parameter.max || parameter.max > type(uint160).max) {
            revert InvalidBounds(key, parameter.min, parameter.max);
        }
        (history.min, history.max) = (uint160(parameter.min), uint160(parameter.max));
        uint160 value = _bounded(history, key, parameter.value);
        (history.newest, history.previous, history.older) = (value, value, value);
        history.exists = true;
        _keys.push(key);
        emit ParameterSet(key, value);
    }

    function _set(bytes32 key, uint256 value) private {
        History storage history = _history(key);
        uint160 bounded = _bounded(history, key, value);
        if (!_isScheduled(history)) (history.previous, history.older) = (history.newest, history.previous);
        uint64 effectiveEpoch = settlement.nextEpoch() + 1;
        history.newest = bounded;
        history.effectiveEpoch = effectiveEpoch;
        emit ParameterSet(key, value);
        emit ParameterScheduled(key, value, effectiveEpoch);
    }

    function _authorizeUpgrade(address) internal override restricted {}

    function _bounded(History storage history, bytes32 key, uint256 value) private view returns (uint160) {
        if (value < history.min || value > history.max) revert OutOfBounds(key, value, history.min, history.max);
        // No need for a checked cast: the bounds fit.
        return uint160(value);
    }

    function _history(bytes32 key) private view returns (History storage history) {
        history = _histories[key];
        if (!history.exists) revert UnknownParameter(key);
    }

    function _inForce(History storage history) private view returns (uint256) {
        return _isScheduled(history) ? history.previous : history.newest;
    }

    /// @dev Asks the clock only about what was ever changed.
    function _isScheduled(History storage history) private view returns (bool) {
        uint64 effectiveEpoch = history.effectiveEpoch;
        return effectiveEpoch != 0 && settlement.nextEpoch() < effectiveEpoch;
    }

    /// @dev The rules that the length of epochs is in.
    function _requireOfLength() private view {
        uint256 activationDelay = settlement.activationDelay();
        requireThaw(activationDelay);
        requireEscape(settlement.escapeDelay(), activationDelay);
    }

    /// @dev Seconds, rounded up.
    function _twoEpochs() private view returns (uint256) {
        return Math.ceilDiv(2 * _highest(EPOCH_LENGTH), 1000);
    }

    /// @dev Of the values in force and scheduled.
    function _highest(bytes32 key) private view returns (uint256) {
        History storage history = _history(key);
        return Math.max(history.newest, _inForce(history));
    }

    function _requireShares(uint256 node, uint256 service, uint256 treasury, uint256 buyback) private pure {
        uint256 sum = node + service + treasury + buyback;
        if (sum != BPS) revert SharesMustSumTo10000(sum);
    }
}
