// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {vm} from "../support/Vm.sol";

contract EpochSettlementCertificateTest is SettlementFixture {
    function testFuzz_AnyQuorumSettlesAndNoSmallerGroupDoes(uint8 signerMask) public {
        _start();
        uint32[] memory members = firstNodes(4);
        (uint32[] memory signers, uint32[] memory absent) = _split(members, signerMask);
        vm.assume(signers.length != 0);
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(1, members));
        bytes memory signature = aggregate(signers, settlement.settlementMessage(s));
        if (signers.length < 3) {
            vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.QuorumNotReached.selector, signers.length, 3));
        }
        settlement.settle(newest, s, genesis, absent, signature);
        if (signers.length >= 3) vm.assertEq(settlement.nextEpoch(), 1);
    }

    function testFuzz_PowersCountTowardsTheQuorum(uint64[4] memory powers) public {
        uint256 total = 0;
        genesis.members = "";
        for (uint32 i = 0; i < 4; i++) {
            if (powers[i] == 0) powers[i] = 1;
            total += powers[i];
            genesis.members = bytes.concat(genesis.members, abi.encodePacked(i + 1, uint32(0), powers[i]));
        }
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(1, firstNodes(4)));
        bytes memory signature = aggregate(ids(1, 2, 3), settlement.settlementMessage(s));
        uint256 quorum = (2 * total) / 3 + 1;
        if (total - powers[3] < quorum) {
            vm.expectRevert(
                abi.encodeWithSelector(CommitteeCertificate.QuorumNotReached.selector, total - powers[3], quorum)
            );
        }
        settlement.settle(newest, s, genesis, ids(4), signature);
    }

    function test_RejectsDuplicateUnsortedAndForeignNonSigners() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes memory signature = aggregate(ids(1, 2, 3), settlement.settlementMessage(s));
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignersNotAscending.selector, 4, 4));
        settlement.settle(newest, s, genesis, ids(4, 4), signature);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignersNotAscending.selector, 4, 3));
        settlement.settle(newest, s, genesis, ids(4, 3), signature);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignerNotMember.selector, 5));
        settlement.settle(newest, s, genesis, ids(5), signature);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignerNotMember.selector, 5));
        settlement.settle(newest, s, genesis, ids(4, 5), signature);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignerNotMember.selector, 0));
        settlement.settle(newest, s, genesis, ids(0), signature);
    }

    /// @dev Only a quorum that named such a committee gets here: nobody is then counted, and the epoch waits for a restart.
    function test_AMalformedCommitteeSettlesNothing() public {
        bytes memory one = abi.encodePacked(uint32(1), uint32(0), uint64(1));
        bytes memory two = abi.encodePacked(uint32(2), uint32(0), uint64(1));
        bytes[7] memory malformed = [
            bytes(""),
            bytes.concat(one, hex"00"),
            bytes.concat(two, one),
            bytes.concat(one, one),
            bytes.concat(one, abi.encodePacked(uint32(2), uint32(0), uint64(0))),
            bytes(""),
            bytes.concat(one, abi.encodePacked(uint32(1), uint32(1), uint64(2)))
        ];
        for (uint32 i = 1; i <= 257; i++) {
            malformed[5] = bytes.concat(malformed[5], abi.encodePacked(i, uint32(0), uint64(1)));
        }
        _start();
        Committee memory next = committeeOf(1, firstNodes(4));
        for (uint256 i = 0; i < malformed.length; i++) {
            uint256 snapshot = vm.snapshotState();
            next.members = malformed[i];
            _settle(nextSettlement(next), next);
            _rejects(nextSettlement(), next, abi.encodeWithSelector(CommitteeCertificate.InvalidCommittee.selector));
            vm.revertToState(snapshot);
        }
    }

    function test_ACommitteeHasUpTo256Members() public {
        _start();
        Committee memory next = committeeOf(1, firstNodes(4));
        next.members = "";
        for (uint32 i = 1; i <= 256; i++) {
            next.members = bytes.concat(next.members, abi.encodePacked(i, uint32(0), uint64(1)));
        }
        _settle(nextSettlement(next), next);
        _settle(nextSettlement());
        vm.assertEq(settlement.nextEpoch(), 2);
    }

    function test_RejectsAForeignSigner() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes32 message = settlement.settlementMessage(s);
        _rejectsSignature(s, none, aggregate(firstNodes(5), message));
        _rejectsSignature(s, ids(4), aggregate(ids(1, 2, 5), message));
    }

    function test_RejectsAMissingOrAnUndeclaredSigner() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes32 message = settlement.settlementMessage(s);
        _rejectsSignature(s, none, aggregate(ids(1, 2, 3), message));
        _rejectsSignature(s, ids(4), aggregate(firstNodes(4), message));
    }

    function testFuzz_RejectsAnyOtherMessage(bytes32 message) public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        vm.assume(message != settlement.settlementMessage(s));
        _rejectsSignature(s, none, aggregate(firstNodes(4), message));
    }

    function test_RejectsASignatureForAnotherChain() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(newest, s, genesis, none, signature);
        vm.chainId(here);
        settlement.settle(newest, s, genesis, none, signature);
    }

    function test_RejectsInfinityAndMalformedSignatures() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        settlement.settle(newest, s, genesis, none, new bytes(256));
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        settlement.settle(newest, s, genesis, none, new bytes(255));
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        signature[255] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        settlement.settle(newest, s, genesis, none, signature);
    }

    function test_ABadCertificateCannotBurnTheGas() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes memory garbage = new bytes(256);
        garbage[255] = 0x01;
        uint256 before = gasleft();
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        settlement.settle{gas: 20_000_000}(newest, s, genesis, none, garbage);
        vm.assertLe(before - gasleft(), 500_000);
    }

    // --- helpers

    function _rejectsSignature(
        IEpochSettlement.Settlement memory s,
        uint32[] memory nonSigners,
        bytes memory signature
    ) private {
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(newest, s, genesis, nonSigners, signature);
    }

    function _split(
        uint32[] memory members,
        uint8 mask
    ) private pure returns (uint32[] memory signers, uint32[] memory absent) {
        uint256 count = 0;
        for (uint256 i = 0; i < members.length; i++) count += (mask >> i) & 1;
        signers = new uint32[](count);
        absent = new uint32[](members.length - count);
        (uint256 s, uint256 a) = (0, 0);
        for (uint256 i = 0; i < members.length; i++) {
            if ((mask >> i) & 1 == 1) signers[s++] = members[i];
            else absent[a++] = members[i];
        }
    }
}
