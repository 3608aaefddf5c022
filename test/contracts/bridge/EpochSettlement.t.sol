// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {EpochSettlement} from "../../../contracts/bridge/EpochSettlement.sol";
import {SettlementControl} from "../../../contracts/bridge/SettlementControl.sol";
import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {IEpochSettlementEvents as Ev} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {INodeStakingErrors} from "../../../contracts/interfaces/INodeStaking.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {ConsensusMessage} from "../../../contracts/libraries/ConsensusMessage.sol";
import {SettlementDigest} from "../../../contracts/libraries/SettlementDigest.sol";
import {SettlementFixture} from "../support/SettlementFixture.sol";
import {vm} from "../support/Vm.sol";
import {deploySettlement} from "../support/Deploy.sol";

contract EpochSettlementTest is SettlementFixture {
    // --- start

    function test_TheStartSaysAllThatEpoch0BeginsFrom() public {
        vm.roll(77);
        bytes32 hash = settlement.hashCommittee(genesis);
        bytes32 id = ConsensusMessage.networkId(address(settlement));
        bytes32 digest = SettlementDigest.ofStart(id, hash, START, 77);
        vm.expectEmit(address(settlement));
        emit Ev.Started(genesis, hash, START, 77, digest, flk.totalSupply());
        settlement.start(genesis, START);
    }

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
        IEpochSettlement.Status memory status = settlement.status();
        vm.assertEq(uint256(status.nextEpoch), 0);
        vm.assertEq(uint256(status.activeEpochs), 0);
        vm.assertEq(uint256(status.lastActivatedAt), block.timestamp);
        vm.assertEq(status.payoutRoot, bytes32(0));
    }

    function test_OnlyTheLauncherStarts() public {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ALICE));
        settlement.start(genesis, START);
    }

    function test_StartsOnce() public {
        settlement.start(genesis, START);
        vm.expectRevert(abi.encodeWithSelector(E.AlreadyStarted.selector));
        settlement.start(genesis, START);
    }

    function test_StartIsWithinADayOfTheClock() public {
        uint256 snapshot = vm.snapshotState();
        uint64[2] memory near = [START - 86_400_000, START + 86_400_000];
        uint64[4] memory far = [near[0] - 1, near[1] + 1, 0, type(uint64).max];
        for (uint256 i = 0; i < far.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(E.InvalidStartTime.selector, far[i], near[0], near[1]));
            settlement.start(genesis, far[i]);
        }
        settlement.start(genesis, near[0]);
        vm.revertToState(snapshot);
        settlement.start(genesis, near[1]);
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
        bytes[8] memory malformed = [
            bytes(""),
            hex"0000",
            bytes.concat(one, one),
            bytes.concat(two, one),
            abi.encodePacked(uint32(1), uint32(0), uint64(0)),
            bytes.concat(genesis.members, hex"00"),
            bytes.concat(one, abi.encodePacked(uint32(1), type(uint32).max, uint64(2))),
            abi.encodePacked(uint32(0), type(uint32).max, uint64(1))
        ];
        for (uint256 i = 0; i < malformed.length; i++) {
            genesis.members = malformed[i];
            vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidCommittee.selector));
            settlement.start(genesis, START);
        }
    }

    /// @dev Of 256 it is asked who they are: the sixth is no node.
    function test_StartTakesUpTo256Members() public {
        genesis.members = "";
        for (uint32 i = 1; i <= 256; i++) {
            genesis.members = bytes.concat(genesis.members, abi.encodePacked(i, uint32(0), uint64(1)));
        }
        vm.expectRevert(abi.encodeWithSelector(INodeStakingErrors.UnknownKey.selector, 6, 0));
        settlement.start(genesis, START);
        genesis.members = bytes.concat(genesis.members, abi.encodePacked(uint32(257), uint32(0), uint64(1)));
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidCommittee.selector));
        settlement.start(genesis, START);
    }

    // --- settle

    function test_NothingSettlesBeforeTheStart() public {
        IEpochSettlement.Settlement memory s = nextSettlement(genesis);
        vm.expectRevert(abi.encodeWithSelector(E.NotStarted.selector));
        settlement.settle(newest, s, genesis, none, new bytes(256));
    }

    function test_SettlesConsecutiveEpochsAndHandsOver() public {
        _start();
        Committee memory next = committeeOf(1, ids(2, 3, 5));
        IEpochSettlement.Settlement memory first = nextSettlement(next);
        bytes32 digest = settlement.settlementDigest(first);
        bytes memory signature = _signed(first);
        vm.expectEmit(address(settlement));
        emit Ev.Settled(0, digest, first, uint64(block.timestamp));
        vm.expectEmit(address(settlement));
        emit Ev.Activated(0, digest, 0);
        settlement.settle(newest, first, genesis, none, signature);
        vm.assertEq(settlement.latestDigest(), digest);

        newest = first;
        IEpochSettlement.Settlement memory second = nextSettlement(committeeOf(2, firstNodes(4)));
        vm.assertEq(second.previous, digest);
        settlement.settle(first, second, next, none, aggregate(ids(2, 3, 5), settlement.settlementMessage(second)));
        vm.assertEq(uint256(settlement.nextEpoch()), 2);
    }

    function test_WithoutADelayWhatTheVaultCannotCoverIsHeldAtOnce() public {
        _start();
        _deposit(TOP_UP);
        IEpochSettlement.Settlement memory s = nextSettlement();
        s.totalBalances = TOP_UP + 1;
        _settle(s);
        vm.assertEq(uint256(_holds(0)), settlement.HELD_INSOLVENT());
        vm.assertEq(uint256(settlement.status().activeEpochs), 0);
        vm.expectRevert(abi.encodeWithSelector(E.IsHeld.selector, 0, settlement.HELD_INSOLVENT()));
        settlement.activate(s);
    }

    function test_TheDigestIsThatOfEveryField() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes32 typeHash = keccak256(
            "FlkSettlement(uint64 epoch,bytes32 previous,uint64 closeTime,uint64 l2Number,bytes32 l2Hash,bytes32 stateRoot,bytes32 payoutRoot,bytes32 balanceRoot,bytes32 reportHash,uint256 totalBalances,uint256 totalPayoutStable,uint256 totalPayoutFlk,bytes32 slashListHash,bytes32 nextCommitteeHash)"
        );
        vm.assertEq(settlement.settlementDigest(s), keccak256(abi.encode(typeHash, s)));
    }

    function test_RejectsARepeatedSettlement() public {
        _start();
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory signature = _signed(s);
        settlement.settle(newest, s, genesis, none, signature);
        vm.expectRevert(abi.encodeWithSelector(E.WrongEpoch.selector, 0, 1));
        settlement.settle(newest, s, genesis, none, signature);
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

    function test_RejectsAnotherSettlementGivenAsThePredecessor() public {
        _start();
        _settle(nextSettlement());
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes32 latest = s.previous;
        newest.totalBalances = 1;
        bytes32 given = settlement.settlementDigest(newest);
        _rejects(s, current, abi.encodeWithSelector(E.WrongPrevious.selector, given, latest));
        delete newest;
        given = settlement.settlementDigest(newest);
        s = nextSettlement();
        _rejects(s, current, abi.encodeWithSelector(E.WrongPrevious.selector, given, latest));
    }

    function test_RejectsACommitteeThatNobodyNamed() public {
        _start();
        Committee memory other = committeeOf(0, firstNodes(5));
        IEpochSettlement.Settlement memory s = nextSettlement(other);
        bytes32 expected = settlement.hashCommittee(genesis);
        bytes32 given = settlement.hashCommittee(other);
        _rejects(s, other, abi.encodeWithSelector(E.WrongCommittee.selector, given, expected));
    }

    function test_RejectsACommitteeOfAnotherEpoch() public {
        _start();
        Committee memory wrong = committeeOf(7, firstNodes(4));
        _settle(nextSettlement(wrong), wrong);
        IEpochSettlement.Settlement memory s = nextSettlement(wrong);
        _rejects(s, wrong, abi.encodeWithSelector(E.WrongEpoch.selector, 7, 1));
    }

    function testFuzz_NoFieldCanBeChangedAfterSigning(uint8 field, uint64 by) public {
        _start();
        vm.assume(by != 0);
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory signature = _signed(s);
        // Fields after `previous`, word by word: none of them makes the settlement another one's successor.
        uint256 index = 2 + (field % 12);
        assembly ("memory-safe") {
            let word := add(s, mul(index, 0x20))
            mstore(word, xor(mload(word), by))
        }
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(newest, s, genesis, none, signature);
    }

    // --- implementation and terms

    function test_TheImplementationsCannotBeInitialised() public {
        EpochSettlement bare = deploySettlement(flk, usd, vault, staking, parameters);
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        bare.initialize(ALICE, looseLimits(), longDelays());
        SettlementControl control = SettlementControl(bare.control());
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        control.initialize(ALICE, looseLimits(), longDelays());
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        settlement.initialize(ALICE, looseLimits(), longDelays());
    }

    function test_NamesEveryContractThatItTrusts() public view {
        vm.assertEq(address(settlement.flk()), address(flk));
        vm.assertEq(address(settlement.stable()), address(usd));
        vm.assertEq(settlement.vault(), address(vault));
        vm.assertEq(address(settlement.staking()), address(staking));
        vm.assertEq(address(settlement.parameters()), address(parameters));
    }

    function test_OnlyGovernanceUpgrades() public {
        address implementation = address(deploySettlement(flk, usd, vault, staking, parameters));
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, ALICE));
        settlement.upgradeToAndCall(implementation, "");
        _start();
        settlement.upgradeToAndCall(implementation, "");
        vm.assertEq(settlement.latestDigest(), _genesisDigest());
    }

    function _genesisDigest() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("FlkGenesis(bytes32 networkId,bytes32 committeeHash,uint64 startTime,uint64 l2Number)"),
                    settlement.networkId(),
                    settlement.hashCommittee(genesis),
                    START,
                    uint64(block.number)
                )
            );
    }
}
