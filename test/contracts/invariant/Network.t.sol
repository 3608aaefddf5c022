// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {Committee} from "../../../contracts/libraries/CommitteeCertificate.sol";
import {Fixture} from "../support/Fixture.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Random users of a running network: owners stake and leave, clients deposit, the committee settles epochs that pay
/// two accounts, anyone claims. Keeps its own books to compare with.
contract NetworkHandler is Fixture {
    uint32 private constant NODES = 4;
    address[2] private payees = [address(0xaaaa), address(0xbbbb)];

    Committee private committee;
    IEpochSettlement.Settlement private newest;
    uint256[2] private stableOf;
    uint256[2] private flkOf;

    uint256 public deposited;
    uint256 public burned;
    uint64 public settled;

    constructor() {
        setUp();
        registerNodes(NODES);
        committee = committeeOf(0, firstNodes(NODES));
        settlement.start(committee, START);
        for (uint32 i = 0; i < NODES; i++) {
            flk.transfer(_owner(i), 1_000_000 ether);
            vm.prank(_owner(i));
            flk.approve(address(staking), type(uint256).max);
        }
        usd.approve(address(vault), type(uint256).max);
    }

    function stake(uint8 node, uint256 amount) external {
        node = uint8(bound(node, 0, NODES - 1));
        amount = bound(amount, 0, flk.balanceOf(_owner(node)));
        if (amount == 0) return;
        vm.prank(_owner(node));
        staking.stake(node + 1, amount);
    }

    function unstake(uint8 node, uint256 amount) external {
        node = uint8(bound(node, 0, NODES - 1));
        amount = bound(amount, 0, staking.node(node + 1).staked);
        if (amount == 0 || staking.thawingRequests(node + 1).length == 32) return;
        vm.prank(_owner(node));
        staking.requestUnstake(node + 1, amount);
    }

    function withdraw(uint8 node, uint16 wait) external {
        node = uint8(bound(node, 0, NODES - 1));
        vm.warp(block.timestamp + (wait % (THAW * 2)));
        INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(node + 1);
        bool matured = false;
        for (uint256 i = 0; i < requests.length; i++) matured = matured || requests[i].maturesAt <= block.timestamp;
        if (!matured) return;
        vm.prank(_owner(node));
        staking.withdrawMatured(node + 1, _owner(node));
    }

    function deposit(uint40 amount) external {
        if (amount == 0) return;
        usd.mint(address(this), amount);
        vault.deposit(address(0xc11e), amount);
        deposited += amount;
    }

    function burn(uint256 amount) external {
        amount = bound(amount, 0, flk.balanceOf(address(this)) / 4);
        flk.burn(amount);
        burned += amount;
    }

    /// @dev Grants up to twice what the ceiling of the token allows.
    function settle(uint64 elapsed, uint256 stable, uint256 granted, uint8 toFirst) external {
        Committee memory next = committeeOf(committee.epoch + 1, firstNodes(NODES));
        IEpochSettlement.Settlement memory s = nextSettlement(next);
        s.closeTime += uint64(bound(elapsed, 0, 30 days * 1000));
        _earn(
            bound(stable, 0, deposited - s.totalPayoutStable),
            bound(granted, 0, 2 * flk.mintable(s.closeTime)),
            toFirst
        );
        s.totalPayoutStable = stableOf[0] + stableOf[1];
        s.totalPayoutFlk = flkOf[0] + flkOf[1];
        s.totalBalances = deposited - s.totalPayoutStable;
        s.payoutRoot = _pair(_leaf(0), _leaf(1));
        uint32[] memory signers = ids(1, 2, 3);
        settlement.settle(s, committee, ids(4), aggregate(signers, settlement.settlementMessage(s)));
        newest = s;
        committee = next;
        settled++;
    }

    function claim(uint8 index) external {
        index = index % 2;
        IEpochSettlement.Paid memory paid = settlement.claimed(payees[index]);
        IEpochSettlement.Status memory s = settlement.status();
        bool flkToPay = paid.flk != flkOf[index] && s.mintedFlk != s.claimedFlk;
        if (settled == 0 || (paid.stable == stableOf[index] && !flkToPay)) return;
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = _leaf(1 - index);
        settlement.claim(payees[index], stableOf[index], flkOf[index], proof, newest);
    }

    // --- what must hold

    function checkStake() external view {
        (uint256 staked, uint256 thawing) = staking.totals();
        (uint256 sumStaked, uint256 sumThawing) = (0, 0);
        for (uint32 i = 1; i <= NODES; i++) {
            INodeStaking.NodeInfo memory node = staking.node(i);
            INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(i);
            uint256 requested = 0;
            for (uint256 j = 0; j < requests.length; j++) requested += requests[j].amount;
            vm.assertEq(requested, node.thawing);
            sumStaked += node.staked;
            sumThawing += node.thawing;
        }
        vm.assertEq(sumStaked, staked);
        vm.assertEq(sumThawing, thawing);
        vm.assertEq(flk.balanceOf(address(staking)), staked + thawing);
    }

    function checkSolvency() external view {
        IEpochSettlement.Status memory s = settlement.status();
        uint256 unclaimed = s.totalPayoutStable - s.claimedStable;
        vm.assertGe(usd.balanceOf(address(vault)), s.totalBalances + unclaimed);
        vm.assertEq(usd.balanceOf(address(vault)) + vault.totalPaidOut(), deposited);
        vm.assertEq(usd.balanceOf(payees[0]) + usd.balanceOf(payees[1]), s.claimedStable);
        vm.assertEq(vault.totalPaidOut(), s.claimedStable);
    }

    function checkMint() external view {
        IEpochSettlement.Status memory s = settlement.status();
        vm.assertEq(flk.totalSupply() + burned, SUPPLY + s.mintedFlk);
        vm.assertEq(flk.balanceOf(address(settlement)), s.mintedFlk - s.claimedFlk);
        vm.assertLe(s.mintedFlk, s.totalPayoutFlk);
        vm.assertEq(flk.balanceOf(payees[0]) + flk.balanceOf(payees[1]), s.claimedFlk);
        for (uint256 i = 0; i < 2; i++) vm.assertLe(settlement.claimed(payees[i]).flk, flkOf[i]);
        // What is owed and not minted is only what the ceiling holds back.
        if (s.mintedFlk != s.totalPayoutFlk) vm.assertEq(flk.mintable(s.closeTime), 0);
        (uint64 start, uint64 time, uint256 supply, uint256 minted, uint256 carried) = flk.year();
        vm.assertLe(minted, carried + (supply * CEILING_BPS * (time - start)) / (uint256(10_000) * 365 days * 1000));
    }

    function checkChain() external view {
        IEpochSettlement.Status memory s = settlement.status();
        vm.assertEq(uint256(s.nextEpoch), settled);
        vm.assertEq(s.totalPayoutStable, stableOf[0] + stableOf[1]);
        vm.assertEq(s.committeeHash, settlement.hashCommittee(committee));
    }

    // --- helpers

    function _earn(uint256 stable, uint256 minted, uint8 toFirst) private {
        stableOf[0] += (stable * toFirst) / 255;
        stableOf[1] += stable - (stable * toFirst) / 255;
        flkOf[0] += (minted * toFirst) / 255;
        flkOf[1] += minted - (minted * toFirst) / 255;
    }

    function _leaf(uint256 index) private view returns (bytes32) {
        return singleLeaf(payees[index], stableOf[index], flkOf[index]);
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    function _owner(uint32 index) private pure returns (address) {
        return address(uint160(0x1000 + index));
    }
}

contract NetworkInvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    NetworkHandler private handler;

    function setUp() public {
        handler = new NetworkHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory actions = new bytes4[](7);
        actions[0] = NetworkHandler.stake.selector;
        actions[1] = NetworkHandler.unstake.selector;
        actions[2] = NetworkHandler.withdraw.selector;
        actions[3] = NetworkHandler.deposit.selector;
        actions[4] = NetworkHandler.settle.selector;
        actions[5] = NetworkHandler.claim.selector;
        actions[6] = NetworkHandler.burn.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), actions);
    }

    function invariant_StakeAndThawingAreTheFlkHeld() public view {
        handler.checkStake();
    }

    function invariant_TheVaultCoversBalancesAndUnclaimedPayouts() public view {
        handler.checkSolvency();
    }

    function invariant_MintedIsWhatSettlementsGrantedAsTheCeilingAllows() public view {
        handler.checkMint();
    }

    function invariant_EpochsAreConsecutiveAndTotalsCumulative() public view {
        handler.checkChain();
    }
}
