// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice Somebody without a quorum tries to drain payouts: with keys of its own, a committee of its own, or signatures that were given for
/// something else.
contract SignerDrainTest is QueueFixture {
    function test_AFullCommitteeOfTheAttackersNodesSignsForNobody() public {
        for (uint256 i = 0; i < 4; i++) registerNode(address(0xbad));
        uint32[] memory mine = new uint32[](4);
        for (uint32 i = 0; i < 4; i++) mine[i] = 6 + i;
        IEpochSettlement.Settlement memory s = _drain();
        Committee memory seated = committeeOf(0, mine);
        bytes32 given = settlement.hashCommittee(seated);
        bytes memory signature = aggregate(mine, settlement.settlementMessage(s));
        vm.expectRevert(abi.encodeWithSelector(E.WrongCommittee.selector, given, settlement.hashCommittee(genesis)));
        settlement.settle(newest, s, seated, none, signature);
        // Naming the true committee does not make the attackers' signatures its own.
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(newest, s, current, none, signature);
    }

    function test_ARogueKeyCannotBeProven() public {
        // The key that would cancel the others: minus their sum, whose secret nobody but all of them knows.
        uint256 sum = 0;
        for (uint32 i = 1; i <= 4; i++) sum = addmod(sum, secretOf(i), BlsSigner.ORDER);
        uint256 own = 77;
        bytes memory rogue = BlsSigner.publicKey(addmod(own, BlsSigner.ORDER - sum, BlsSigner.ORDER));
        bytes memory proof = BlsSigner.sign(own, staking.proofMessage(address(this), rogue));
        vm.expectRevert(abi.encodeWithSignature("InvalidProofOfPossession()"));
        staking.register(rogue, proof, keccak256("n"), "");
    }

    function testFuzz_ASignatureOfAnotherKindOrEpochSettlesNothing(uint8 kind, uint64 epoch, uint256 slot) public {
        vm.assume(kind != 4 || epoch != 0 || slot != 0);
        IEpochSettlement.Settlement memory s = _drain();
        bytes32 typeHash = keccak256(
            "FlkConsensus(bytes32 networkId,uint8 kind,uint64 epoch,uint256 slot,bytes32 payloadHash)"
        );
        bytes32 message = keccak256(
            abi.encode(typeHash, settlement.networkId(), kind, epoch, slot, settlement.settlementDigest(s))
        );
        bytes memory signature = aggregate(firstNodes(4), message);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(newest, s, current, none, signature);
    }

    function test_AClaimForAnotherAccountPaysThatAccount() public {
        IEpochSettlement.Settlement memory s = _pay(ALICE, 400, 0);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        vm.prank(BOB);
        settlement.setPayee(BOB);
        vm.prank(BOB);
        settlement.claim(ALICE, 400, 0, noProof);
        vm.assertEq(usd.balanceOf(ALICE), 400);
        vm.assertEq(usd.balanceOf(BOB), 0);
    }

    function _drain() private view returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement();
        s.totalPayoutStable = TOP_UP;
        s.payoutRoot = singleLeaf(BOB, TOP_UP, 0);
    }
}
