// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {INodeStakingErrors} from "../../../contracts/interfaces/INodeStaking.sol";
import {IFLK} from "../../../contracts/interfaces/IFLK.sol";
import {Bls12381} from "../../../contracts/libraries/Bls12381.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {Fixture} from "../support/Fixture.sol";
import {vm} from "../support/Vm.sol";

contract EpochSettlementTest is Fixture {
    address private constant ALICE = address(0xa11ce);
    address private constant BOB = address(0xb0b);
    uint256 private constant TOP_UP = 1_000_000_000;

    Committee private genesis;
    uint32[] private none;

    function setUp() public override {
        super.setUp();
        registerNodes(5);
        genesis = committeeOf(0, firstNodes(4));
    }

    // --- start

    function test_StartStoresTheGenesisDigestThatTypeScriptComputes() public {
        vm.roll(77);
        settlement.start(genesis, START);
        bytes32 hash = settlement.hashCommittee(genesis);
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("FlkGenesis(bytes32 networkId,bytes32 committeeHash,uint64 startTime,uint64 l2Number)"),
                keccak256(abi.encode(block.chainid, address(settlement))),
                hash,
                START,
                uint64(77)
            )
        );
        vm.assertEq(settlement.latestDigest(), expected);
        vm.assertEq(settlement.committeeHash(), hash);
        vm.assertEq(settlement.nextEpoch(), 0);
    }

    function test_OnlyGovernanceStarts() public {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ALICE));
        settlement.start(genesis, START);
    }

    function test_StartsOnce() public {
        settlement.start(genesis, START);
        vm.expectRevert(abi.encodeWithSelector(E.AlreadyStarted.selector));
        settlement.start(genesis, START);
    }

    function test_StartNeedsATime() public {
        vm.expectRevert(abi.encodeWithSelector(E.InvalidStartTime.selector));
        settlement.start(genesis, 0);
    }

    function test_StartNeedsTheCommitteeOfEpoch0() public {
        genesis.epoch = 1;
        vm.expectRevert(abi.encodeWithSelector(E.WrongEpoch.selector, 1, 0));
        settlement.start(genesis, START);
    }

    function test_StartNeedsRegisteredMembers() public {
        genesis.members = bytes.concat(genesis.members, abi.encodePacked(uint32(9), uint32(0), uint64(1)));
        vm.expectRevert(abi.encodeWithSelector(INodeStakingErrors.UnknownKey.selector, 9, 0));
        settlement.start(genesis, START);
    }

    function test_StartNeedsTheSumOfTheKeys() public {
        genesis.aggregateKey = committeeOf(0, firstNodes(5)).aggregateKey;
        vm.expectRevert(abi.encodeWithSelector(E.AggregateKeyMismatch.selector));
        settlement.start(genesis, START);
    }

    function test_StartRejectsMalformedMembers() public {
        bytes memory one = abi.encodePacked(uint32(1), uint32(0), uint64(1));
        bytes memory two = abi.encodePacked(uint32(2), uint32(0), uint64(1));
        bytes[5] memory malformed = [
            bytes(""),
            hex"0000",
            bytes.concat(one, one),
            bytes.concat(two, one),
            abi.encodePacked(uint32(1), uint32(0), uint64(0))
        ];
        for (uint256 i = 0; i < malformed.length; i++) {
            genesis.members = malformed[i];
            vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidCommittee.selector));
            settlement.start(genesis, START);
        }
    }

    // --- settle

    function test_NothingSettlesBeforeTheStart() public {
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        vm.expectRevert(abi.encodeWithSelector(E.NotStarted.selector));
        settlement.settle(s, genesis, none, new bytes(256));
    }

    function test_SettlesConsecutiveEpochsAndHandsOver() public {
        _start();
        Committee memory next = committeeOf(1, ids(2, 3, 5));
        IEpochSettlement.Settlement memory first = nextSettlement(next);
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(first));
        bytes32 digest = settlement.settlementDigest(first);
        vm.expectEmit(address(settlement));
        emit Ev.Settled(0, digest, first, 0);
        settlement.settle(first, genesis, none, signature);
        vm.assertEq(settlement.latestDigest(), digest);
        vm.assertEq(settlement.committeeHash(), settlement.hashCommittee(next));

        IEpochSettlement.Settlement memory second = nextSettlement(committeeOf(2, firstNodes(4)));
        vm.assertEq(second.previous, digest);
        settlement.settle(second, next, none, aggregate(ids(2, 3, 5), settlement.settlementMessage(second)));
        vm.assertEq(settlement.nextEpoch(), 2);
    }

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
        settlement.settle(s, genesis, absent, signature);
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
        settlement.settle(s, genesis, ids(4), signature);
    }

    function test_RejectsARepeatedSettlement() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(1, firstNodes(4)));
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        settlement.settle(s, genesis, none, signature);
        vm.expectRevert(abi.encodeWithSelector(E.WrongEpoch.selector, 0, 1));
        settlement.settle(s, genesis, none, signature);
    }

    function test_RejectsASkippedEpoch() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        s.epoch = 1;
        _rejects(s, genesis, abi.encodeWithSelector(E.WrongEpoch.selector, 1, 0));
    }

    function test_RejectsAForeignPredecessor() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes32 latest = s.previous;
        s.previous = bytes32(uint256(1));
        _rejects(s, genesis, abi.encodeWithSelector(E.WrongPrevious.selector, s.previous, latest));
    }

    function test_RejectsACommitteeThatNobodyNamed() public {
        _start();
        Committee memory other = committeeOf(0, firstNodes(5));
        IEpochSettlement.Settlement memory s = nextSettlement(other);
        bytes32 expected = settlement.committeeHash();
        _rejects(
            s,
            other,
            abi.encodeWithSelector(E.WrongCommittee.selector, settlement.hashCommittee(other), expected)
        );
    }

    function test_RejectsACommitteeOfAnotherEpoch() public {
        _start();
        Committee memory wrong = committeeOf(7, firstNodes(4));
        _settle(nextSettlement(wrong), genesis);
        IEpochSettlement.Settlement memory s = nextSettlement(wrong);
        _rejects(s, wrong, abi.encodeWithSelector(E.WrongEpoch.selector, 7, 1));
    }

    function test_RejectsTimeThatDoesNotMove() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        s.closeTime = START;
        _rejects(s, genesis, abi.encodeWithSelector(E.CloseTimeNotLater.selector, START, START));
    }

    function test_RejectsFallingPayouts() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(1, firstNodes(4)));
        s.totalPayoutStable = 10;
        s.totalPayoutFlk = 10;
        _settle(s, genesis);
        Committee memory current = committeeOf(1, firstNodes(4));
        s = nextSettlement(current);
        s.totalPayoutStable = 9;
        _rejects(s, current, abi.encodeWithSelector(E.TotalsDecreased.selector));
        s.totalPayoutStable = 10;
        s.totalPayoutFlk = 9;
        _rejects(s, current, abi.encodeWithSelector(E.TotalsDecreased.selector));
    }

    function test_RejectsASettlementWithoutNextCommittee() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        s.nextCommitteeHash = 0;
        _rejects(s, genesis, abi.encodeWithSelector(E.NoNextCommittee.selector));
    }

    function testFuzz_RejectsWhatTheVaultCannotCover(uint64 held, uint64 balances, uint64 payouts) public {
        _start();
        if (held != 0) _deposit(held);
        uint256 owed = uint256(balances) + payouts;
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(1, firstNodes(4)));
        s.totalBalances = balances;
        s.totalPayoutStable = payouts;
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        if (owed > held) vm.expectRevert(abi.encodeWithSelector(E.Insolvent.selector, held, owed));
        settlement.settle(s, genesis, none, signature);
    }

    function test_RejectsAMintAboveTheCeiling() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        uint256 available = flk.mintable(s.closeTime);
        s.totalPayoutFlk = available + 1;
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        vm.expectRevert(abi.encodeWithSelector(IFLK.InflationCeilingExceeded.selector, available + 1, available));
        settlement.settle(s, genesis, none, signature);
        s.totalPayoutFlk = available;
        _settle(s, genesis);
        vm.assertEq(flk.balanceOf(address(settlement)), available);
    }

    // --- certificate

    function test_RejectsDuplicateUnsortedAndForeignNonSigners() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes memory signature = aggregate(ids(1, 2, 3), settlement.settlementMessage(s));
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignersNotAscending.selector, 4, 4));
        settlement.settle(s, genesis, ids(4, 4), signature);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignersNotAscending.selector, 4, 3));
        settlement.settle(s, genesis, ids(4, 3), signature);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignerNotMember.selector, 5));
        settlement.settle(s, genesis, ids(5), signature);
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.NonSignerNotMember.selector, 0));
        settlement.settle(s, genesis, ids(0), signature);
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
        settlement.settle(s, genesis, none, signature);
        vm.chainId(here);
        settlement.settle(s, genesis, none, signature);
    }

    function test_RejectsInfinityAndMalformedSignatures() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        vm.expectRevert(abi.encodeWithSelector(Bls12381.PointAtInfinity.selector));
        settlement.settle(s, genesis, none, new bytes(256));
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        settlement.settle(s, genesis, none, new bytes(255));
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        signature[255] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        settlement.settle(s, genesis, none, signature);
    }

    function test_ABadCertificateCannotBurnTheGas() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        bytes memory garbage = new bytes(256);
        garbage[255] = 0x01;
        uint256 before = gasleft();
        vm.expectRevert(abi.encodeWithSelector(Bls12381.InvalidPoint.selector));
        settlement.settle{gas: 20_000_000}(s, genesis, none, garbage);
        vm.assertLe(before - gasleft(), 500_000);
    }

    // --- claim

    function test_ClaimPaysTheDifferenceToTheAccountWhoeverAsks() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 7 ether);
        vm.prank(BOB);
        vm.expectEmit(address(settlement));
        emit Ev.Claimed(ALICE, 400, 7 ether, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
        vm.assertEq(usd.balanceOf(ALICE), 400);
        vm.assertEq(flk.balanceOf(ALICE), 7 ether);

        s = _payout(committeeOf(1, firstNodes(4)), ALICE, 1_000, 7 ether);
        settlement.claim(ALICE, 1_000, 7 ether, new bytes32[](0), s);
        vm.assertEq(usd.balanceOf(ALICE), 1_000);
        vm.assertEq(settlement.claimed(ALICE).stable, 1_000);
        vm.assertEq(settlement.claimed(ALICE).flk, 7 ether);
    }

    function test_ASecondClaimPaysNothing() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 7 ether);
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, ALICE));
        settlement.claim(ALICE, 400, 7 ether, new bytes32[](0), s);
    }

    function test_ClaimsAgainstTheNewestSettlementOnly() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory old = _payout(genesis, ALICE, 400, 0);
        _payout(committeeOf(1, firstNodes(4)), ALICE, 500, 0);
        bytes32 digest = settlement.settlementDigest(old);
        vm.expectRevert(abi.encodeWithSelector(E.NotLatestSettlement.selector, digest, settlement.latestDigest()));
        settlement.claim(ALICE, 400, 0, new bytes32[](0), old);
    }

    function testFuzz_RejectsAnyOtherLeaf(address account, uint256 stable, uint256 amount) public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 7 ether);
        vm.assume(account != ALICE || stable != 400 || amount != 7 ether);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidProof.selector));
        settlement.claim(account, stable, amount, new bytes32[](0), s);
    }

    function test_RejectsALeafBelowWhatWasPaid() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = _payout(genesis, ALICE, 400, 0);
        settlement.claim(ALICE, 400, 0, new bytes32[](0), s);
        s = nextSettlement(committeeOf(2, firstNodes(4)));
        s.payoutRoot = singleLeaf(ALICE, 399, 1);
        s.totalPayoutFlk = 1;
        _settle(s, committeeOf(1, firstNodes(4)));
        vm.expectRevert(abi.encodeWithSelector(E.ClaimedMoreBefore.selector, ALICE));
        settlement.claim(ALICE, 399, 1, new bytes32[](0), s);
    }

    function test_RejectsClaimsAboveTheTotals() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = nextSettlement(committeeOf(1, firstNodes(4)));
        s.totalPayoutStable = 399;
        s.payoutRoot = singleLeaf(ALICE, 400, 0);
        _settle(s, genesis);
        vm.expectRevert(abi.encodeWithSelector(E.ClaimsExceedTotals.selector));
        settlement.claim(ALICE, 400, 0, new bytes32[](0), s);
    }

    // --- helpers

    function _start() private {
        settlement.start(genesis, START);
    }

    function _deposit(uint256 amount) private {
        usd.mint(address(this), amount);
        usd.approve(address(vault), amount);
        vault.deposit(ALICE, amount);
    }

    function _settle(IEpochSettlement.Settlement memory s, Committee memory committee) private {
        settlement.settle(s, committee, none, aggregate(firstNodes(4), settlement.settlementMessage(s)));
    }

    function _rejects(IEpochSettlement.Settlement memory s, Committee memory committee, bytes memory reason) private {
        bytes memory signature = aggregate(firstNodes(4), settlement.settlementMessage(s));
        vm.expectRevert(reason);
        settlement.settle(s, committee, none, signature);
    }

    function _rejectsSignature(
        IEpochSettlement.Settlement memory s,
        uint32[] memory nonSigners,
        bytes memory signature
    ) private {
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(s, genesis, nonSigners, signature);
    }

    function _payout(
        Committee memory current,
        address account,
        uint256 stable,
        uint256 amount
    ) private returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement(committeeOf(current.epoch + 1, firstNodes(4)));
        s.totalPayoutStable = stable;
        s.totalPayoutFlk = amount;
        s.payoutRoot = singleLeaf(account, stable, amount);
        _settle(s, current);
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
