// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementTypes} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {StakingFixture} from "./StakingFixture.sol";

/// @notice A network whose settlements are active at once, and that restarts.
abstract contract RestartFixture is StakingFixture {
    IEpochSettlement.Settlement private nothing;

    /// @notice Posts a settlement that is held, and has the network go on in `epoch` without it.
    function _restartIn(uint64 epoch) internal {
        (IEpochSettlement.Settlement memory active, Committee memory named) = (newest, current);
        IEpochSettlement.Settlement memory held = nextSettlement();
        held.closeTime = type(uint64).max;
        settlement.settle(newest, held, current, none, _signed(held));
        settlement.restart(IEpochSettlementTypes.Opening(active, held), named, epoch);
        newest = nothing;
        current = Committee(epoch, named.members, named.aggregateKey);
    }
}
