// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice A committee posts its vetoed settlement again, and lets accounts claim on the voided root.
contract VetoThenRepostTest is QueueFixture {
    IEpochSettlement.Settlement private nothing;

    function test_AVoidedCertificateNeverComesBack() public {
        IEpochSettlement.Settlement memory bad = _pay(BOB, 900, 5 ether);
        bytes memory signature = _signed(bad);
        settlement.veto(0);
        settlement.restart(_opening(nothing, bad), genesis, 3);

        bytes32 opening = settlement.latestDigest();
        vm.expectRevert(abi.encodeWithSelector(E.WrongEpoch.selector, 0, 3));
        settlement.settle(nothing, bad, genesis, none, signature);
        // Signed again for the new epoch, but after the old opening.
        bad.epoch = 3;
        Committee memory resumed = Committee(3, genesis.members, genesis.aggregateKey);
        bytes memory again = _signed(bad);
        vm.expectRevert(abi.encodeWithSelector(E.WrongPrevious.selector, bad.previous, opening));
        settlement.settle(nothing, bad, resumed, none, again);
    }

    function test_NobodyClaimsOnAVoidedRoot() public {
        IEpochSettlement.Settlement memory good = _pay(ALICE, 100, 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(good);
        Committee memory named = current;
        IEpochSettlement.Settlement memory bad = _pay(BOB, 900, 0);
        settlement.veto(1);
        vm.warp(block.timestamp + 10 * DELAY);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(BOB, 900, 0, noProof);
        settlement.restart(_opening(good, bad), named, 5);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(BOB, 900, 0, noProof);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 1));
        settlement.activate(bad);
        settlement.claim(ALICE, 100, 0, noProof);
    }
}
