// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementTypes} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

/// @notice A started protocol with an activation delay, and a client that topped up.
abstract contract QueueFixture is SettlementFixture {
    uint32 internal constant DELAY = 6 hours;
    uint24 internal constant TOLERANCE = 1 hours;

    function setUp() public virtual override {
        super.setUp();
        _limit(type(uint64).max, type(uint96).max);
        _start();
        _deposit(TOP_UP);
    }

    function _limit(uint64 stable, uint96 flkAmount) internal {
        settlement.setLimits(IEpochSettlementTypes.Limits(uint24(DELAY), TOLERANCE, stable, flkAmount, 0));
    }

    function _delays(
        uint32 escape,
        uint32 exit,
        uint32 recovery
    ) internal pure returns (IEpochSettlement.Delays memory) {
        return IEpochSettlementTypes.Delays(escape, exit, recovery);
    }

    /// @notice Where the chain of settlements stands: `active` is the newest active settlement, `first` the first pending one.
    function _opening(
        IEpochSettlement.Settlement memory active,
        IEpochSettlement.Settlement memory first
    ) internal pure returns (IEpochSettlement.Opening memory) {
        return IEpochSettlementTypes.Opening(active, first);
    }
}
