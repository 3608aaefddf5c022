// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement, IEpochSettlementErrors as E} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {QueueFixture} from "../support/QueueFixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Anyone proves that the next committee of a pending settlement is wrong; nobody can say so of a sound one.
contract CommitteeChallengeTest is QueueFixture {
    function setUp() public override {
        super.setUp();
        for (uint32 i = 0; i < 5; i++) _stake(i, MIN_STAKE);
    }

    function test_ASoundCommitteeCannotBeChallenged() public {
        _rejectsChallenge(committeeOf(1, firstNodes(4)));
    }

    function test_AWrongAggregateKeyIsHeld() public {
        Committee memory next = committeeOf(1, firstNodes(4));
        next.aggregateKey = committeeOf(1, ids(1, 2, 3)).aggregateKey;
        _holdsFor(next);
    }

    function test_ACommitteeOfAnotherEpochIsHeld() public {
        _holdsFor(committeeOf(2, firstNodes(4)));
    }

    function test_MalformedMembersAreHeld() public {
        Committee memory good = committeeOf(1, firstNodes(4));
        bytes memory one = abi.encodePacked(uint32(1), uint32(0), uint64(1));
        bytes memory two = abi.encodePacked(uint32(2), uint32(0), uint64(1));
        bytes[6] memory malformed = [
            bytes.concat(good.members, hex"00"),
            bytes(""),
            hex"00",
            bytes.concat(two, one),
            bytes.concat(one, one),
            abi.encodePacked(uint32(1), uint32(0), uint64(0))
        ];
        for (uint256 i = 0; i < malformed.length; i++) {
            uint256 snapshot = vm.snapshotState();
            good.members = malformed[i];
            _holdsFor(good);
            vm.revertToState(snapshot);
        }
        good.members = "";
        for (uint32 i = 1; i <= 257; i++) {
            good.members = bytes.concat(good.members, abi.encodePacked(i, uint32(0), uint64(1)));
        }
        _holdsFor(good);
    }

    /// @dev Its power would count twice.
    function test_AMemberThatIsNamedTwiceIsHeld() public {
        Committee memory next = committeeOf(1, ids(1));
        next.members = bytes.concat(next.members, abi.encodePacked(uint32(1), uint32(0), uint64(2)));
        uint64[] memory keys = new uint64[](2);
        (keys[0], keys[1]) = (uint64(1) << 32, uint64(1) << 32);
        next.aggregateKey = staking.sumOfKeys(keys);
        _holdsFor(next);
    }

    function test_AnUnknownMemberIsHeld() public {
        Committee memory next = committeeOf(1, firstNodes(4));
        next.members = bytes.concat(next.members, abi.encodePacked(uint32(6), uint32(0), uint64(1)));
        _holdsFor(next);
    }

    function test_AKeyThatTheMemberDoesNotHaveIsHeld() public {
        Committee memory next = committeeOf(1, ids(1, 2, 3));
        next.members = bytes.concat(next.members, abi.encodePacked(uint32(4), uint32(1), uint64(1)));
        _holdsFor(next);
    }

    function test_AMemberThatNeverHadTheMinimumIsHeld() public {
        registerNode(address(0x2000));
        flk.transfer(address(0x2000), MIN_STAKE);
        vm.prank(address(0x2000));
        flk.approve(address(staking), MIN_STAKE);
        vm.prank(address(0x2000));
        staking.stake(6, MIN_STAKE - 1 ether);
        uint32[] memory with6 = new uint32[](4);
        (with6[0], with6[1], with6[2], with6[3]) = (1, 2, 3, 6);
        uint256 snapshot = vm.snapshotState();
        _holdsFor(committeeOf(1, with6));
        vm.revertToState(snapshot);
        vm.prank(address(0x2000));
        staking.stake(6, 1 ether);
        _rejectsChallenge(committeeOf(1, with6));
    }

    function test_TheFirstMemberIsJudgedAsTheOthers() public {
        registerNode(address(0x1005));
        registerNode(address(0x1006));
        _stake(6, MIN_STAKE);
        _holdsFor(committeeOf(1, ids(6, 7)));
    }

    function test_AMemberThatUnstakedOrWasSlashedSinceIsNotHeld() public {
        vm.prank(address(0x1000));
        staking.requestUnstake(1, MIN_STAKE);
        vm.prank(address(slasher));
        staking.slash(2, MIN_STAKE, BOB, 0);
        parameters.setMinStake(uint128(2 * MIN_STAKE));
        _rejectsChallenge(committeeOf(1, firstNodes(4)));
    }

    function test_AMemberThatUnstakedAndWithdrewSinceIsNotHeld() public {
        vm.prank(address(0x1000));
        staking.requestUnstake(1, MIN_STAKE);
        vm.warp(block.timestamp + THAW);
        vm.prank(address(0x1000));
        staking.withdrawMatured(1, BOB);
        vm.assertEq(staking.slashable(1), 0);
        _rejectsChallenge(committeeOf(1, firstNodes(4)));
    }

    /// @dev Rotated while the settlement waits for 0, it may be named for 1; rotated after that was posted, it may not.
    function test_AKeyThatWasRegisteredAfterItWasNamedIsHeld() public {
        uint256 snapshot = vm.snapshotState();
        _rotate();
        Committee memory next = committeeOf(1, ids(1, 2, 3));
        next.members = bytes.concat(next.members, abi.encodePacked(uint32(4), uint32(1), uint64(1)));
        uint64[] memory keys = new uint64[](4);
        for (uint32 i = 1; i <= 4; i++) keys[i - 1] = (uint64(i) << 32) | (i == 4 ? 1 : 0);
        next.aggregateKey = staking.sumOfKeys(keys);
        _rejectsChallenge(next);
        vm.revertToState(snapshot);
        IEpochSettlement.Settlement memory s = _named(next);
        _rotate();
        settlement.challengeCommittee(s, next);
        vm.assertEq(uint256(_holds(0)), settlement.HELD_COMMITTEE());
    }

    function test_OnlyTheNamedCommitteeOfAPendingSettlementIsJudged() public {
        IEpochSettlement.Settlement memory s = _named(committeeOf(1, firstNodes(4)));
        Committee memory other = committeeOf(1, ids(1, 2, 3));
        bytes32 given = settlement.hashCommittee(other);
        vm.expectRevert(abi.encodeWithSelector(E.WrongCommittee.selector, given, s.nextCommitteeHash));
        settlement.challengeCommittee(s, other);
        vm.warp(block.timestamp + DELAY);
        settlement.activate(s);
        vm.expectRevert(abi.encodeWithSelector(E.NotPending.selector, 0));
        settlement.challengeCommittee(s, other);
    }

    /// @dev Any set of the five nodes is sound, also under a higher minimum; with a flaw it is held, beside whatever held it already.
    function testFuzz_AnyoneHasAWrongCommitteeHeldAndNoSoundOne(
        address caller,
        uint8 set,
        uint8 flaw,
        bool vetoed
    ) public {
        uint32[] memory seats = _subset(uint8(bound(set, 1, 31)));
        Committee memory next = committeeOf(1, seats);
        flaw %= 5;
        if (flaw == 1) next.epoch = 1 + uint64(bound(set, 1, 200));
        else if (flaw == 2) next.aggregateKey = BlsSigner.publicKey(bound(set, 1, 200));
        else if (flaw == 3) next.members = bytes.concat(next.members, new bytes(bound(set, 1, 15)));
        else if (flaw == 4) parameters.setMinStake(uint128(2 * MIN_STAKE));
        IEpochSettlement.Settlement memory s = _named(next);
        if (vetoed) settlement.veto(0);
        bool wrong = flaw >= 1 && flaw <= 3;
        if (!wrong) vm.expectRevert(abi.encodeWithSelector(E.CommitteeIsSound.selector));
        vm.prank(caller);
        settlement.challengeCommittee(s, next);
        uint256 veto = vetoed ? settlement.HELD_VETO() : 0;
        vm.assertEq(uint256(_holds(0)), veto | (wrong ? settlement.HELD_COMMITTEE() : 0));
    }

    function testFuzz_OnlyTheNamedCommitteeIsJudged(uint8 set, uint8 other, uint64 epoch) public {
        (set, other) = (uint8(bound(set, 1, 31)), uint8(bound(other, 1, 31)));
        vm.assume(set != other || epoch != 1);
        IEpochSettlement.Settlement memory s = _named(committeeOf(1, _subset(set)));
        Committee memory given = committeeOf(epoch, _subset(other));
        bytes32 hash = settlement.hashCommittee(given);
        vm.expectRevert(abi.encodeWithSelector(E.WrongCommittee.selector, hash, s.nextCommitteeHash));
        settlement.challengeCommittee(s, given);
        vm.assertEq(uint256(_holds(0)), 0);
    }

    function test_RotatedKeysOfBothVersionsAreSound() public {
        _rotate();
        _rejectsChallenge(committeeOf(1, firstNodes(4)));
    }

    // --- helpers

    function _rotate() private {
        uint256 secret = uint256(keccak256("rotated")) % BlsSigner.ORDER;
        bytes memory key = BlsSigner.publicKey(secret);
        bytes memory proof = BlsSigner.sign(secret, staking.proofMessage(address(0x1003), key));
        vm.prank(address(0x1003));
        staking.rotateKeys(4, key, proof);
    }

    /// @dev Of the nodes 1 to 5, by the bits of `set`.
    function _subset(uint8 set) private pure returns (uint32[] memory made) {
        uint256 count = 0;
        for (uint256 i = 0; i < 5; i++) count += (set >> i) & 1;
        made = new uint32[](count);
        count = 0;
        for (uint32 i = 0; i < 5; i++) if ((set >> i) & 1 == 1) made[count++] = i + 1;
    }

    function _stake(uint32 index, uint256 amount) private {
        address owner = address(uint160(0x1000 + index));
        flk.transfer(owner, amount);
        vm.prank(owner);
        flk.approve(address(staking), amount);
        vm.prank(owner);
        staking.stake(index + 1, amount);
    }

    function _named(Committee memory next) private returns (IEpochSettlement.Settlement memory s) {
        s = nextSettlement(next);
        settlement.settle(newest, s, current, none, _signed(s));
    }

    function _holdsFor(Committee memory next) private {
        IEpochSettlement.Settlement memory s = _named(next);
        vm.prank(BOB);
        settlement.challengeCommittee(s, next);
        vm.assertEq(uint256(_holds(0)), settlement.HELD_COMMITTEE());
    }

    function _rejectsChallenge(Committee memory next) private {
        IEpochSettlement.Settlement memory s = _named(next);
        vm.expectRevert(abi.encodeWithSelector(E.CommitteeIsSound.selector));
        settlement.challengeCommittee(s, next);
    }
}
