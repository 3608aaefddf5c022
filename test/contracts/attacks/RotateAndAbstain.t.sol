// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {ISlasher, ISlasherErrors} from "../../../contracts/interfaces/ISlasher.sol";
import {Committee, CommitteeCertificate} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {BlsSigner} from "../support/BlsSigner.sol";
import {Equivocation} from "../support/Equivocation.sol";
import {StakingFixture} from "../support/StakingFixture.sol";
import {vm} from "../support/Vm.sol";

/// @notice A member rotates its key and abstains: were its newest key taken off the aggregate, no settlement would verify any more. And a
/// member that equivocated rotates to get away from its key.
contract RotateAndAbstainTest is StakingFixture {
    uint32 private constant MEMBER = 4;
    uint256 private constant NEW_SECRET = 444;
    uint256 private constant NEWER_SECRET = 4444;

    function setUp() public override {
        super.setUp();
        _rotateMember(NEW_SECRET);
    }

    function test_TheMemberIsAbsentByTheKeyThatTheCommitteeNames() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes memory signature = aggregate(ids(1, 2, 3), settlement.settlementMessage(s));
        settlement.settle(newest, s, current, ids(MEMBER), signature);
        vm.assertEq(settlement.nextEpoch(), 1);
    }

    function test_TheMemberSignsWithTheKeyThatTheCommitteeNames() public {
        IEpochSettlement.Settlement memory s = nextSettlement();
        bytes32 message = settlement.settlementMessage(s);
        bytes memory withNew = BlsSigner.addSignatures(
            aggregate(ids(1, 2, 3), message),
            BlsSigner.sign(NEW_SECRET, message)
        );
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(newest, s, current, none, withNew);
        _settle(s);
        vm.assertEq(settlement.nextEpoch(), 1);
    }

    function test_TheNewKeyActsInTheCommitteeThatNamesIt() public {
        Committee memory next = _committeeWithNewKey();
        IEpochSettlement.Settlement memory s = nextSettlement(next);
        _settle(s, next);
        vm.assertEq(staking.keyVersionAt(MEMBER, 1), 1);

        s = nextSettlement();
        bytes32 message = settlement.settlementMessage(s);
        bytes memory three = aggregate(ids(1, 2, 3), message);
        bytes memory withOld = BlsSigner.addSignatures(three, BlsSigner.sign(secretOf(MEMBER), message));
        vm.expectRevert(abi.encodeWithSelector(CommitteeCertificate.InvalidSignature.selector));
        settlement.settle(newest, s, current, none, withOld);
        // Absent, it is absent by the new key; and another rotation changes nothing about that.
        _rotateMember(NEWER_SECRET);
        settlement.settle(newest, s, current, ids(MEMBER), three);
        vm.assertEq(settlement.nextEpoch(), 2);
    }

    function test_ARotationDoesNotEndWhatTheOldKeySigned() public {
        _stakeOfMember();
        for (uint256 i = 0; i < 3; i++) {
            _nextEpoch();
            _rotateMember(NEWER_SECRET + i);
        }
        vm.assertEq(staking.node(MEMBER).keyVersion, 4);
        slasher.slashEquivocation(Equivocation.single(slasher, 0, _keyId(MEMBER, 0), secretOf(MEMBER)), REPORTER);
        vm.assertEq(staking.slashable(MEMBER), 90 ether);
    }

    function test_NorDoesItMakeOneEquivocationTwo() public {
        _stakeOfMember();
        slasher.slashEquivocation(Equivocation.single(slasher, 0, _keyId(MEMBER, 0), secretOf(MEMBER)), REPORTER);
        ISlasher.Evidence memory again = Equivocation.single(slasher, 0, _keyId(MEMBER, 1), NEW_SECRET);
        vm.expectRevert(abi.encodeWithSelector(ISlasherErrors.AlreadySlashed.selector, MEMBER, 0));
        slasher.slashEquivocation(again, REPORTER);
        vm.assertEq(staking.slashable(MEMBER), 90 ether);
    }

    function _rotateMember(uint256 secret) private {
        address account = staking.node(MEMBER).owner;
        (bytes memory key, bytes memory proof) = _proven(secret, account);
        vm.prank(account);
        staking.rotateKeys(MEMBER, key, proof);
    }

    function _stakeOfMember() private {
        address account = staking.node(MEMBER).owner;
        _fund(account);
        vm.prank(account);
        staking.stake(MEMBER, 100 ether);
    }

    function _committeeWithNewKey() private view returns (Committee memory next) {
        next = committeeOf(1, ids(1, 2, 3));
        next.members = bytes.concat(next.members, abi.encodePacked(MEMBER, uint32(1), uint64(1)));
        uint64[] memory keys = new uint64[](4);
        for (uint32 i = 0; i < 4; i++) keys[i] = _keyId(i + 1, i + 1 == MEMBER ? 1 : 0);
        next.aggregateKey = staking.sumOfKeys(keys);
    }
}
