// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The cheatcodes that these tests use.
interface Vm {
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function store(address account, bytes32 slot, bytes32 value) external;
    function load(address account, bytes32 slot) external view returns (bytes32 value);
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function record() external;
    function accesses(address account) external returns (bytes32[] memory reads, bytes32[] memory writes);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
    function chainId(uint256 id) external;
    function assume(bool condition) external pure;
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert(bytes calldata data) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectRevert() external;
    function expectEmit(address emitter) external;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool);
    function deal(address account, uint256 wei_) external;
    function txGasPrice(uint256 price) external;
    function assertEq(uint256 a, uint256 b) external pure;
    function assertEq(bytes32 a, bytes32 b) external pure;
    function assertEq(address a, address b) external pure;
    function assertEq(bytes calldata a, bytes calldata b) external pure;
    function assertEq(string calldata a, string calldata b) external pure;
    function assertTrue(bool a) external pure;
    function assertFalse(bool a) external pure;
    function assertLe(uint256 a, uint256 b) external pure;
    function assertGe(uint256 a, uint256 b) external pure;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @notice `value` folded into [`min`, `max`].
function bound(uint256 value, uint256 min, uint256 max) pure returns (uint256) {
    return max - min == type(uint256).max ? value : min + (value % (max - min + 1));
}
