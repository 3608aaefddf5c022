// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice Calls whoever pays it, and keeps what that said.
contract CallsBack {
    bytes private data;
    bytes public reason;

    function plan(bytes calldata wanted) external {
        data = wanted;
    }

    receive() external payable {
        (, reason) = msg.sender.call(data);
    }
}

/// @notice What is run on the storage of the settlement is run one at a time.
contract SettlementForwardsTest is SettlementFixture {
    IEpochSettlement.Settlement private s;
    IEpochSettlement.Opening private opening;

    /// @dev Who takes the ETH of refunds back may be a contract, with a role or without.
    function test_NothingElseRunsWhileItPaysOut() public {
        _refusesWhileItPays(abi.encodeCall(settlement.start, (genesis, START)));
        _refusesWhileItPays(abi.encodeCall(settlement.veto, (0)));
        _refusesWhileItPays(abi.encodeCall(settlement.challengeCommittee, (s, genesis)));
        _refusesWhileItPays(abi.encodeCall(settlement.release, (0)));
        _refusesWhileItPays(abi.encodeCall(settlement.freeze, (opening)));
        _refusesWhileItPays(abi.encodeCall(settlement.restart, (opening, genesis, 9)));
        _refusesWhileItPays(abi.encodeCall(settlement.recover, (opening, genesis, 9)));
        _refusesWhileItPays(abi.encodeCall(settlement.setLimits, (looseLimits())));
        _refusesWhileItPays(abi.encodeCall(settlement.setDelays, (longDelays())));
        _refusesWhileItPays(abi.encodeCall(settlement.withdrawRefunds, (payable(ALICE), 0)));
        _refusesWhileItPays(abi.encodeCall(settlement.settle, (s, s, genesis, none, "")));
        _refusesWhileItPays(abi.encodeCall(settlement.activate, (s)));
    }

    function _refusesWhileItPays(bytes memory call) private {
        CallsBack recipient = new CallsBack();
        recipient.plan(call);
        settlement.withdrawRefunds(payable(address(recipient)), 0);
        bytes memory reentrant = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.assertEq(recipient.reason(), reentrant);
    }
}
