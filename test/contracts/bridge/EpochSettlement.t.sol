// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {INodeStakingErrors} from "../../../contracts/interfaces/INodeStaking.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {vm} from "../support/Vm.sol";

contract EpochSettlementTest is SettlementFixture {
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
}
