// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Random calls of one handler, by the names that the fuzzer asks for: an invariant holds after each. `setUp` says of what.
abstract contract Walk {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address private _handler;
    bytes4[] private _actions;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = _handler;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(_handler, _actions);
    }

    function _walkOver(address handler) internal {
        _handler = handler;
    }

    /// @dev An action that is named more than once comes so much more often.
    function _by(bytes4 action) internal {
        _actions.push(action);
    }
}
