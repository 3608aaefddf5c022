// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "../../../contracts/interfaces/IEpochSettlement.sol";
import {MoneyHandler} from "../support/MoneyHandler.sol";
import {vm} from "../support/Vm.sol";
import {Walk} from "../support/Walk.sol";

/// @notice What must hold whatever {MoneyHandler} did.
contract MoneyBooks is MoneyHandler {
    constructor() {
        setUp();
    }

    function checkStablecoin() external view {
        uint256 inVault = usd.balanceOf(address(vault));
        uint256 inPot = usd.balanceOf(address(settlement));
        (uint256 deposited, uint256 claimed, uint256 escaped) = _totals();
        vm.assertEq(vault.totalDeposited(), deposited);
        vm.assertEq(vault.totalEscaped(), escaped);
        vm.assertEq(deposited + sums.donatedStable, inVault + inPot + claimed + escaped);
        vm.assertGe(inVault + base.escaped, base.totalBalances);
        // Exactly what the accounts own, by the settlement that is active, their later deposits, and what left since.
        uint256 unseen = deposited - sum(base.live.seen);
        vm.assertEq(inVault, sum(base.live.balance) + unseen + sums.donatedStable);
        vm.assertEq(inPot, sum(base.live.stable) - claimed);
    }

    function checkAccounts() external view {
        for (uint256 i = 0; i < ACCOUNTS; i++) {
            IEpochSettlement.Paid memory paid = settlement.claimed(accountOf(i));
            vm.assertEq(paid.stable, sums.claimedStable[i]);
            vm.assertEq(paid.flk, sums.claimedFlk[i]);
            vm.assertEq(_paidTo(i), sums.claimedStable[i] + sums.escaped[i]);
            vm.assertEq(flk.balanceOf(accountOf(i)) + flk.balanceOf(otherOf(i)), sums.claimedFlk[i]);
            vm.assertLe(paid.flk, base.live.flk[i]);
            if (!sums.everOverstated) vm.assertLe(paid.stable, base.live.stable[i]);
        }
    }

    function checkFlk() external view {
        IEpochSettlement.Status memory status = settlement.status();
        uint256 claimed = sum(sums.claimedFlk);
        vm.assertEq(flk.totalSupply() + sums.burned, SUPPLY + status.mintedFlk);
        vm.assertEq(flk.balanceOf(address(settlement)) + claimed, status.mintedFlk + sums.donatedFlk);
        vm.assertLe(status.mintedFlk, status.totalPayoutFlk);
        (uint64 start, uint64 time, uint256 supply, uint256 minted, uint256 carried) = flk.year();
        uint256 scale = uint256(10_000) * 365 days * 1000;
        vm.assertLe(minted, carried + (supply * CEILING_BPS * (time - start)) / scale);
        // Whatever the token keeps of its years: the ceiling on the highest supply there was, up to now.
        uint256 most = SUPPLY + status.mintedFlk;
        vm.assertLe(status.mintedFlk, (most * CEILING_BPS * (block.timestamp * 1000 - START)) / scale);
    }

    function checkChain() external view {
        IEpochSettlement.Status memory status = settlement.status();
        vm.assertEq(uint256(status.nextEpoch), nextEpoch);
        vm.assertEq(status.totalPayoutStable, sum(base.live.stable));
        vm.assertEq(status.totalPayoutFlk, sum(base.live.flk));
        vm.assertLe(status.firstPending, status.nextEpoch);
        bytes32 last = base.digest;
        for (uint64 epoch = status.firstPending; epoch < status.nextEpoch; epoch++) {
            (bytes32 digest, , uint16 reasons) = settlement.pending(epoch);
            vm.assertEq(waiting[epoch].s.previous, last);
            vm.assertEq(waiting[epoch].held ? 1 : 0, reasons == 0 ? 0 : 1);
            last = digest;
        }
        vm.assertEq(status.digest, last);
    }

    /// @notice Governance and a committee bring the chain to its next active settlement, and everybody to what it owes them.
    function goOn() external {
        IEpochSettlement.Status memory status = settlement.status();
        if (status.frozen) {
            _passUntil(frozenAt + EXIT_FOR);
            _bringBack(status);
        } else {
            while (status.firstPending != status.nextEpoch) {
                if (waiting[status.firstPending].held) _bringBack(status);
                else _activateFirst(status.firstPending);
                status = settlement.status();
            }
            if (seat == NONE) _bringBack(status);
        }
        State memory state = tip;
        see(state);
        _post(0, state, 0, 0);
        uint64 epoch = nextEpoch - 1;
        if (waiting[epoch].held) {
            settlement.release(epoch);
            waiting[epoch].held = false;
        }
        vm.assertTrue(_activateFirst(epoch));
        for (uint8 i = 0; i < ACCOUNTS && !sums.everOverstated; i++) this.claim(i);
        if (sums.everOverstated) return;
        vm.assertEq(sum(sums.claimedStable), sum(base.live.stable));
        vm.assertEq(usd.balanceOf(address(settlement)), 0);
    }
}

contract MoneyInvariantTest is Walk {
    MoneyBooks private handler;

    /// @dev Settlements and time come more often than the rest.
    function setUp() public {
        handler = new MoneyBooks();
        _walkOver(address(handler));
        _by(MoneyHandler.settle.selector);
        _by(MoneyHandler.activate.selector);
        _by(MoneyHandler.passTime.selector);
        _by(MoneyHandler.deposit.selector);
        _by(MoneyHandler.claim.selector);
        _by(MoneyHandler.claimMany.selector);
        _by(MoneyHandler.setPayee.selector);
        _by(MoneyHandler.veto.selector);
        _by(MoneyHandler.release.selector);
        _by(MoneyHandler.restart.selector);
        _by(MoneyHandler.recover.selector);
        _by(MoneyHandler.freeze.selector);
        _by(MoneyHandler.escape.selector);
        _by(MoneyHandler.escapeUnseen.selector);
        _by(MoneyHandler.burn.selector);
        _by(MoneyHandler.give.selector);
    }

    /// @dev One function: the fuzzer walks anew for each.
    function invariant_TheBooksBesideTheContractsAgree() public view {
        handler.checkStablecoin();
        handler.checkAccounts();
        handler.checkFlk();
        handler.checkChain();
    }

    /// @notice From wherever a walk ends, the chain of settlements goes on and everybody is paid.
    function afterInvariant() public {
        handler.goOn();
        invariant_TheBooksBesideTheContractsAgree();
    }
}
