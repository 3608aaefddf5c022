// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {FlkVotes} from "../../../contracts/governance/FlkVotes.sol";
import {IFlkVotes} from "../../../contracts/interfaces/IFlkVotes.sol";
import {GovernanceFixture} from "../support/GovernanceFixture.sol";
import {bound, vm} from "../support/Vm.sol";
import {deployVotes} from "../support/Deploy.sol";

contract FlkVotesTest is GovernanceFixture {
    uint256 private constant TENTH = SUPPLY / 10;

    function test_KnowsItsTokenAndItsStaking() public view {
        vm.assertEq(address(votes.flk()), address(flk));
        vm.assertEq(votes.staking(), address(staking));
        vm.assertEq(votes.clock(), block.timestamp);
        vm.assertEq(votes.CLOCK_MODE(), "mode=timestamp");
    }

    function test_InitialisesOnceAndNeverTheImplementation() public {
        bytes memory invalid = abi.encodeWithSelector(Initializable.InvalidInitialization.selector);
        vm.expectRevert(invalid);
        votes.initialize(address(manager));
        FlkVotes implementation = deployVotes(flk, staking);
        vm.expectRevert(invalid);
        implementation.initialize(address(manager));
    }

    function testFuzz_OnlyStakingReportsStake(address caller) public {
        vm.assume(caller != address(staking));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IFlkVotes.NotStaking.selector, caller));
        votes.transferUnits(address(0), caller, 1);
    }

    function testFuzz_OnlyGovernanceUpgrades(address caller) public {
        vm.assume(caller != address(timelock) && caller != address(manager));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
        votes.upgradeToAndCall(address(this), "");
    }

    function test_AnUpgradeKeepsTheVotes() public {
        address implementation = address(deployVotes(flk, staking));
        vm.prank(address(timelock));
        votes.upgradeToAndCall(implementation, "");
        vm.assertEq(votes.getVotes(BOB), TENTH);
    }

    function test_StakeVotesForItsOwnerWithoutAWord() public view {
        vm.assertEq(votes.delegates(BOB), BOB);
        vm.assertEq(votes.stakedUnits(BOB), TENTH);
        vm.assertEq(votes.getStakedVotes(BOB), TENTH);
        vm.assertEq(votes.getVotes(BOB), TENTH);
        vm.assertEq(votes.getPastVotes(BOB, block.timestamp - 1), TENTH);
    }

    function test_TokensVoteAsTheirHoldersDelegateThem() public {
        vm.assertEq(votes.getVotes(ALICE), TENTH);
        vm.assertEq(votes.getStakedVotes(ALICE), 0);
        vm.assertEq(votes.getVotes(address(this)), 0);
        flk.delegate(BOB);
        vm.assertEq(votes.getVotes(BOB), 9 * TENTH);
    }

    function test_TheTotalIsThatOfTheToken() public {
        flk.burn(TENTH);
        flk.recordSupply();
        later(1);
        vm.assertEq(votes.getPastTotalSupply(block.timestamp - 1), 9 * TENTH);
        vm.assertEq(votes.getPastTotalSupply(block.timestamp - 2), SUPPLY);
    }

    function test_ThePresentHasNoPastVotes() public {
        bytes4 selector = bytes4(keccak256("ERC5805FutureLookup(uint256,uint48)"));
        bytes memory future = abi.encodeWithSelector(selector, block.timestamp, block.timestamp);
        vm.expectRevert(future);
        votes.getPastVotes(BOB, block.timestamp);
        vm.expectRevert(future);
        votes.getPastTotalSupply(block.timestamp);
    }

    function test_StakeThatThawsVotesUntilItIsWithdrawn() public {
        vm.prank(BOB);
        uint64 request = staking.requestUnstake(bobsNode, TENTH);
        vm.assertEq(votes.getVotes(BOB), TENTH);
        later(THAW + 1);
        vm.prank(BOB);
        staking.withdraw(bobsNode, request, BOB);
        vm.assertEq(votes.getVotes(BOB), 0);
        vm.assertEq(votes.getPastVotes(BOB, block.timestamp - 1), TENTH);
        vm.assertEq(votes.stakedUnits(BOB), 0);
    }

    function test_SlashedStakeVotesNoMore() public {
        vm.prank(address(slasher));
        staking.slash(bobsNode, TENTH / 4, address(0), 0);
        vm.assertEq(votes.getVotes(BOB), (TENTH / 4) * 3);
    }

    function test_TheOwnerOfStakeDelegatesItAndTakesItBack() public {
        vm.prank(BOB);
        votes.delegate(ALICE);
        vm.assertEq(votes.getVotes(ALICE), 2 * TENTH);
        vm.assertEq(votes.getVotes(BOB), 0);
        vm.prank(BOB);
        votes.delegate(address(0));
        vm.assertEq(votes.delegates(BOB), BOB);
        vm.assertEq(votes.getVotes(ALICE), TENTH);
        vm.assertEq(votes.getVotes(BOB), TENTH);
    }

    function testFuzz_DelegatesBySignatureOnce(uint256 key, uint256 expiry) public {
        key = bound(key, 1, 1 << 250);
        expiry = bound(expiry, block.timestamp, type(uint256).max);
        address owner = vm.addr(key);
        vm.prank(address(staking));
        votes.transferUnits(address(0), owner, 5 ether);
        bytes32 typehash = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
        bytes32 digest = _typed(keccak256(abi.encode(typehash, ALICE, 0, expiry)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        votes.delegateBySig(ALICE, 0, expiry, v, r, s);
        vm.assertEq(votes.getStakedVotes(ALICE), 5 ether);
        vm.expectRevert();
        votes.delegateBySig(ALICE, 0, expiry, v, r, s);
    }

    function testFuzz_RefusesASignatureThatExpired(uint256 expiry) public {
        expiry = bound(expiry, 0, block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(bytes4(keccak256("VotesExpiredSignature(uint256)")), expiry));
        votes.delegateBySig(ALICE, 0, expiry, 27, 0, 0);
    }

    /// @dev Units, votes and the past against plain sums, with owners that delegate to each other.
    function testFuzz_FollowsTheModel(uint96[8] memory amounts, uint8[8] memory moves) public {
        uint256[4] memory units;
        uint8[4] memory target = [0, 1, 2, 3];
        for (uint256 i = 0; i < amounts.length; i++) {
            uint8 from = moves[i] % 4;
            uint8 to = (moves[i] / 4) % 4;
            if (moves[i] & 0x10 == 0) {
                vm.prank(_owner(from));
                votes.delegate(_owner(to));
                target[from] = to;
            } else {
                // from or to the outside by turns, or between owners
                bool enters = moves[i] & 0x60 == 0;
                uint256 amount = enters ? amounts[i] : bound(amounts[i], 0, units[from]);
                bool leaves = !enters && moves[i] & 0x20 == 0;
                vm.prank(address(staking));
                votes.transferUnits(enters ? address(0) : _owner(from), leaves ? address(0) : _owner(to), amount);
                if (!enters) units[from] -= amount;
                if (!leaves) units[to] += amount;
            }
            for (uint8 voter = 0; voter < 4; voter++) {
                uint256 expected = 0;
                for (uint8 owner = 0; owner < 4; owner++) if (target[owner] == voter) expected += units[owner];
                vm.assertEq(votes.getVotes(_owner(voter)), expected);
                vm.assertEq(votes.stakedUnits(_owner(voter)), units[voter]);
            }
        }
    }

    function test_NoMoreStakeLeavesThanThereIs() public {
        vm.prank(address(staking));
        vm.expectRevert();
        votes.transferUnits(BOB, address(0), TENTH + 1);
    }

    function _owner(uint8 index) private pure returns (address) {
        return address(uint160(0x5000 + index));
    }

    function _typed(bytes32 structHash) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 domain = keccak256(
            abi.encode(typehash, keccak256("FLK votes"), keccak256("1"), block.chainid, address(votes))
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }
}
