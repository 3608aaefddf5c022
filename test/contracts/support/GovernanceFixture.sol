// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FlkGovernor} from "../../../contracts/governance/FlkGovernor.sol";
import {FlkTimelock} from "../../../contracts/governance/FlkTimelock.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";
import {deployGovernor, deployTimelock} from "./Deploy.sol";

/// @notice The protocol as governance owns it: the timelock is the admin, and the test nothing but a holder of FLK. ALICE holds a tenth of
/// it, BOB has a tenth in stake.
abstract contract GovernanceFixture is Fixture {
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint48 internal constant VOTING_DELAY = 1 days;
    uint32 internal constant VOTING_PERIOD = 7 days;
    uint48 internal constant EXTENSION = 2 days;
    uint256 internal constant THRESHOLD = 1_000_000 ether;
    uint256 internal constant TIMELOCK_DELAY = 2 days;
    uint8 internal constant AGAINST = 0;
    uint8 internal constant FOR = 1;
    uint8 internal constant ABSTAIN = 2;

    FlkTimelock internal timelock;
    FlkGovernor internal governor;
    uint32 internal bobsNode;
    /// @dev What the optimizer does not take for constant within a test.
    uint256 internal time = START / 1000;

    function setUp() public virtual override {
        super.setUp();
        bobsNode = registerNode(BOB);
        address[] memory nobody = new address[](0);
        address[] memory anyone = new address[](1);
        timelock = deployTimelock(TIMELOCK_DELAY, nobody, anyone, address(this));
        governor = deployGovernor(
            votes,
            timelock,
            FlkGovernor.Settings(VOTING_DELAY, VOTING_PERIOD, THRESHOLD, 4, EXTENSION)
        );
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governor));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governor));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        manager.grantRole(manager.ADMIN_ROLE(), address(timelock), 0);
        manager.renounceRole(manager.ADMIN_ROLE(), address(this));

        flk.transfer(ALICE, SUPPLY / 10);
        vm.prank(ALICE);
        flk.delegate(ALICE);
        flk.transfer(BOB, SUPPLY / 10);
        stake(BOB, bobsNode, SUPPLY / 10);
        later(1);
    }

    function stake(address owner, uint32 nodeId, uint256 amount) internal {
        vm.prank(owner);
        flk.approve(address(staking), amount);
        vm.prank(owner);
        staking.stake(nodeId, amount);
    }

    function later(uint256 seconds_) internal {
        time += seconds_;
        vm.warp(time);
    }

    /// @notice Of `proposer`, to set kappa to 1.
    function proposeBy(address proposer) internal returns (uint256) {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, string memory text) = proposal();
        vm.prank(proposer);
        return governor.propose(targets, values, calls, text);
    }

    /// @notice Of ALICE, open for votes.
    function proposeOpen() internal returns (uint256 id) {
        id = proposeBy(ALICE);
        later(VOTING_DELAY + 1);
    }

    function voteBy(address voter, uint256 id, uint8 support) internal returns (uint256 weight) {
        vm.prank(voter);
        return governor.castVote(id, support);
    }

    function queue() internal {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, string memory text) = proposal();
        governor.queue(targets, values, calls, keccak256(bytes(text)));
    }

    function execute() internal {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls, string memory text) = proposal();
        governor.execute(targets, values, calls, keccak256(bytes(text)));
    }

    function proposal()
        internal
        view
        virtual
        returns (address[] memory targets, uint256[] memory values, bytes[] memory calls, string memory text)
    {
        targets = new address[](1);
        targets[0] = address(parameters);
        values = new uint256[](1);
        calls = new bytes[](1);
        calls[0] = abi.encodeCall(parameters.setKappa, (1));
        text = "kappa";
    }
}
