// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochClock} from "./IEpochClock.sol";

interface IProtocolParametersErrors {
    /// @notice No such parameter.
    error UnknownParameter(bytes32 key);
    /// @notice Each key once.
    error DuplicateParameter(bytes32 key);
    /// @notice `value` is outside [`min`, `max`].
    error OutOfBounds(bytes32 key, uint256 value, uint256 min, uint256 max);
    /// @notice Bounds are in order and fit 160 bits.
    error InvalidBounds(bytes32 key, uint256 min, uint256 max);
    /// @notice The four revenue shares must sum to 10000 basis points.
    error SharesMustSumTo10000(uint256 sum);
    /// @notice Stake must stay slashable for `required` seconds, `thawPeriod` is less: two epochs, the activation delay and the evidence
    /// window. A longer thawing must be in force before what needs it is set.
    error ThawTooShort(uint256 thawPeriod, uint256 required);
    /// @notice Accounts would escape from a settlement that is on time: `escapeDelay` seconds are less than the `required` ones, two epochs, twice
    /// the activation delay (as after a recovery) and one.
    error EscapeTooShort(uint256 escapeDelay, uint256 required);
    /// @notice Trust would not converge within the iterations that an epoch's close has: `dampingBps` must be at least `required`, whatever the bounds.
    error DampingTooLow(uint256 dampingBps, uint256 required);
}

/// @title Every governed number, with its bounds
/// @notice Keys are ASCII names, left-aligned in 32 bytes: bytes32("epochLengthMs"). The set of keys and the bounds are
/// fixed at deployment. A change takes effect at the next epoch boundary: a value set while the settlement waits for epoch n is in force
/// once it waits for n + 1. One set again before that replaces what was scheduled. Values at deployment are in force at once.
/// Rule THAW: thawPeriod >= 2 * epochLengthMs / 1000 (rounded up) + activationDelay + evidenceWindow, for all values that are in force or
/// scheduled, so that stake outlives the evidence against it.
/// Rule ESCAPE: the settlement's escapeDelay >= 2 * epochLengthMs / 1000 (rounded up) + 2 * activationDelay + 1, for all lengths that are in force
/// or scheduled, so that nobody can freeze a network that settles.
/// @dev The protocol chain reads the events. Assumes that the epoch of the clock never falls.
interface IProtocolParameters is IProtocolParametersErrors {
    struct Parameter {
        bytes32 key;
        uint256 value;
        uint256 min;
        uint256 max;
    }

    /// @notice `key` was set to `value`, from the next epoch on. Also emitted for each value at deployment, in force at once.
    event ParameterSet(bytes32 indexed key, uint256 value);
    /// @notice Follows a ParameterSet: `value` is in force once the settlement waits for `effectiveEpoch`.
    event ParameterScheduled(bytes32 indexed key, uint256 value, uint64 effectiveEpoch);

    /// @notice Sets "epochLengthMs", ms. Only governance, as all setters.
    function setEpochLength(uint64 milliseconds) external;

    /// @notice Sets "committeeSize", members.
    function setCommitteeSize(uint16 members) external;

    /// @notice Sets "minStake", wei that a node needs to be drawn.
    function setMinStake(uint128 amount) external;

    /// @notice Sets "eligibilityEpochs", epochs that stake must be there before its node can be drawn.
    function setEligibilityEpochs(uint32 epochs) external;

    /// @notice Sets "nodeShareBps", "serviceShareBps", "treasuryShareBps" and "buybackShareBps", basis points of revenue.
    function setShares(uint16 nodeBps, uint16 serviceBps, uint16 treasuryBps, uint16 buybackBps) external;

    /// @notice Sets "maxInflationBps", basis points of the supply per year.
    function setMaxInflation(uint16 bps) external;

    /// @notice Sets "kappaBps", basis points of the buyback that grants may reach.
    function setKappa(uint16 bps) external;

    /// @notice Sets "l2Stride", L2 blocks between checkpoints.
    function setL2Stride(uint32 blocks) external;

    /// @notice Sets "thawPeriod", seconds.
    function setThawPeriod(uint32 period) external;

    /// @notice Sets "evidenceWindow", seconds after its epoch in which an equivocation can be shown, and more by up to an epoch.
    function setEvidenceWindow(uint32 window) external;

    /// @notice Sets "maxPrice", micro-USD per 10^9 units.
    function setMaxPrice(uint64 price) external;

    /// @notice Sets "minBalance", micro-USD.
    function setMinBalance(uint64 amount) external;

    /// @notice Sets "treasury".
    function setTreasury(address account) external;

    /// @notice Sets "buyback".
    function setBuyback(address account) external;

    /// @notice Sets "maxLock", seconds.
    function setMaxLock(uint32 duration) external;

    /// @notice Sets "maxBoostBps", basis points that revenue of a node counts in the schedule of FLK when its stake is locked for `maxLock`.
    function setMaxBoost(uint32 bps) external;

    /// @notice Sets "equivocationSlashBps", basis points of stake, and "reporterRewardBps", basis points of what is slashed.
    function setSlashing(uint16 equivocationBps, uint16 reporterBps) external;

    /// @notice Sets "maxSlashPerEpoch", wei that a settlement may slash without governance.
    function setMaxSlashPerEpoch(uint128 amount) external;

    /// @notice Sets "reputationDampingBps", the part of trust that follows stake, "reputationRiseBps" and "reputationFallBps", the parts of a
    /// difference by which a score follows an epoch up and down, and "reputationDecayBps", the part that one that nobody measured loses.
    function setReputation(uint16 dampingBps, uint16 riseBps, uint16 fallBps, uint16 decayBps) external;

    /// @notice Sets "reputationFloor", 0 to 100, and "uptimeFloorBps": nodes below are not drawn. 0 is no floor.
    function setFloors(uint16 reputation, uint16 uptimeBps) external;

    /// @notice The value of `key` that is in force; reverts when there is none.
    function get(bytes32 key) external view returns (uint256);

    /// @notice What comes next.
    /// @return value scheduled, or in force when nothing is scheduled
    /// @return effectiveEpoch from which on it is in force; 0 when nothing is scheduled
    function scheduled(bytes32 key) external view returns (uint256 value, uint64 effectiveEpoch);

    /// @notice The lowest of the value in force, the one scheduled, and the one in force before the last change: whoever was admitted by one
    /// of them is not judged by a higher one.
    function lowest(bytes32 key) external view returns (uint256);

    /// @notice The values in force of "equivocationSlashBps" and "reporterRewardBps".
    function slashing() external view returns (uint256 slashBps, uint256 rewardBps);

    /// @notice Epochs that evidence may be old: "evidenceWindow" in epochs as short as the shortest of late (`lowest`), rounded up, so that it is
    /// never less time than the window; at least 1.
    function evidenceEpochs() external view returns (uint256);

    /// @notice Reverts with ThawTooShort when rule THAW would not hold if settlements waited for `activationDelay` seconds.
    function requireThaw(uint256 activationDelay) external view;

    /// @notice Reverts with EscapeTooShort when rule ESCAPE would not hold with these delays, seconds.
    function requireEscape(uint256 escapeDelay, uint256 activationDelay) external view;

    /// @notice Inclusive bounds of `key`.
    function bounds(bytes32 key) external view returns (uint256 min, uint256 max);

    /// @notice Every parameter, in the order of deployment, with the value in force.
    function all() external view returns (Parameter[] memory);

    /// @notice The clock that changes wait for: the settlement.
    function settlement() external view returns (IEpochClock);
}
