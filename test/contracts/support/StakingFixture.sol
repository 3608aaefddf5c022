// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStaking} from "../../../contracts/interfaces/INodeStaking.sol";
import {ISlasher} from "../../../contracts/interfaces/ISlasher.sol";
import {BlsSigner} from "./BlsSigner.sol";
import {Equivocation} from "./Equivocation.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {vm} from "./Vm.sol";

/// @notice A running network, and one node more, with the key of `secretOf(nodeId)`, whose owner has FLK to stake.
abstract contract StakingFixture is SettlementFixture {
    uint256 internal constant OWNER_KEY = 0x0a11ce;
    uint256 internal constant FUNDS = 10_000 ether;
    address internal constant OPERATOR = address(0x09e7);
    address internal constant REPORTER = address(0x4e9047e4);
    address internal constant STRANGER = address(0xbad);

    address internal owner;
    uint32 internal nodeId;

    function setUp() public virtual override {
        super.setUp();
        _start();
        owner = vm.addr(OWNER_KEY);
        nodeId = registerNode(owner);
        _fund(owner);
    }

    function _fund(address account) internal {
        flk.transfer(account, FUNDS);
        vm.prank(account);
        flk.approve(address(staking), type(uint256).max);
    }

    function _stake(uint256 amount) internal {
        vm.prank(owner);
        staking.stake(nodeId, amount);
    }

    function _thaw(uint256 amount) internal returns (uint64 requestId) {
        vm.prank(owner);
        return staking.requestUnstake(nodeId, amount);
    }

    /// @notice Stakes what thaws, then starts to thaw it, for each amount; stakes `staked` on top.
    function _stakeAndThaw(uint256 staked, uint256[] memory thawing) internal {
        for (uint256 i = 0; i < thawing.length; i++) {
            _stake(thawing[i]);
            _thaw(thawing[i]);
        }
        if (staked != 0) _stake(staked);
    }

    /// @notice Settles the epoch that runs.
    function _nextEpoch() internal {
        _settle(nextSettlement());
    }

    function _keyId(uint32 id, uint32 keyVersion) internal pure returns (uint64) {
        return (uint64(id) << 32) | keyVersion;
    }

    /// @notice The key of `secret`, and its proof for `by`.
    function _proven(uint256 secret, address by) internal view returns (bytes memory key, bytes memory proof) {
        key = BlsSigner.publicKey(secret);
        proof = BlsSigner.sign(secret, staking.proofMessage(by, key));
    }

    /// @notice Gives the node the key of `secret`.
    function _rotate(uint256 secret) internal {
        (bytes memory key, bytes memory proof) = _proven(secret, owner);
        vm.prank(owner);
        staking.rotateKeys(nodeId, key, proof);
    }

    /// @notice Proof that the node signed twice in `epoch`, with its first key.
    function _equivocation(uint64 epoch) internal view returns (ISlasher.Evidence memory) {
        return Equivocation.single(slasher, epoch, _keyId(nodeId, 0), secretOf(nodeId));
    }

    function _thawing() internal view returns (uint256 sum) {
        INodeStaking.ThawingRequest[] memory requests = staking.thawingRequests(nodeId);
        for (uint256 i = 0; i < requests.length; i++) sum += requests[i].amount;
    }

    /// @notice The books of staking agree: with the token, with the votes, and within the node.
    function _assertBooks() internal view {
        (uint256 staked, uint256 thawing) = staking.totals();
        vm.assertEq(flk.balanceOf(address(staking)), staked + thawing);
        INodeStaking.NodeInfo memory info = staking.node(nodeId);
        vm.assertEq(votes.stakedUnits(owner), uint256(info.staked) + info.thawing);
        vm.assertEq(info.thawing, _thawing());
        vm.assertEq(staking.slashable(nodeId), uint256(info.staked) + info.thawing);
        vm.assertGe(staking.stakeBound(nodeId), info.staked);
    }
}
