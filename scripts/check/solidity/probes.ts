/** EDR takes a call to this address for the note that a probe ran, and reports its argument. */
const COVERAGE_ADDRESS = "0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE";
/** The balance of this account is the id of the mutant that is on. */
const SWITCH_ADDRESS = "0x00000000000000000000000000000000f1c0ffee";

/** Where EDR takes a call for a cheatcode. */
const CHEATCODES = "0x7109709ECfa91a80626fF3989D68f67F5b1DD12D";

/**
 * `unixTime()`, a cheatcode after which EDR does not run a failed test again. It would do so to make a stack trace, for
 * which nobody asks here, with 200 bytes of memory for each unit of gas: a mutant that loops for ever would take it all.
 */
const DO_NOT_REPLAY = `let ask := mload(0x40)
        mstore(ask, shl(224, 0x625387dc))
        pop(staticcall(gas(), ${CHEATCODES}, ask, 4, 0, 0))`;

const NOTE = `let note := mload(0x40)
      mstore(note, probe)
      pop(staticcall(gas(), ${COVERAGE_ADDRESS}, note, 32, 0, 0))`;

/** Where a library of ours is, for the sources that it is woven into; appended so that no line moves. */
export function importOf(library: { file: string; name: string }): string {
  return `\nimport {${library.name}} from "${library.file}";\n`;
}

/**
 * Probes for coverage. The functions call, and are pure all the same for the compiler, so that probes also stand in pure
 * functions.
 */
export const PROBES = {
  file: "probes/Probe.sol",
  name: "Probe__",
  source: `pragma solidity >=0.8.0;
library Probe__ {
  function _note(uint256 probe) private view {
    assembly ("memory-safe") {
      ${NOTE}
    }
  }
  function _pure(function(uint256) internal view f) private pure returns (function(uint256) internal pure g) {
    assembly { g := f }
  }
  function at(uint256 probe) internal pure { _pure(_note)(probe); }
  function yes(uint256 probe) internal pure returns (bool) { _pure(_note)(probe); return true; }
  function no(uint256 probe) internal pure returns (bool) { _pure(_note)(probe); return false; }
}
`,
};

/** The balance with which every mutant stays off and those that are reached are noted. */
export const NOTE_REACHED = 1n;
/** Ids of mutants start here: balances below mean something else. */
export const FIRST_MUTANT = 2;

/** Says whether a mutant is on. One build holds all mutants, and each run of the tests picks one by a balance. */
export const SWITCH = {
  file: "probes/Mutant.sol",
  name: "Mutant__",
  address: Uint8Array.from(Buffer.from(SWITCH_ADDRESS.slice(2), "hex")),
  source: `pragma solidity >=0.8.0;
library Mutant__ {
  function _on(uint256 probe) private view returns (bool yes) {
    assembly ("memory-safe") {
      let chosen := balance(${SWITCH_ADDRESS})
      yes := eq(chosen, probe)
      if yes {
        ${DO_NOT_REPLAY}
      }
      if eq(chosen, ${NOTE_REACHED}) {
        ${NOTE}
      }
    }
  }
  function _pure(function(uint256) internal view returns (bool) f) private pure returns (function(uint256) internal pure returns (bool) g) {
    assembly { g := f }
  }
  function on(uint256 probe) internal pure returns (bool) { return _pure(_on)(probe); }
}
`,
};

/** The number of a probe from EDR's note of it. */
export function probeOf(hit: Uint8Array): number {
  return Number(BigInt(`0x${Buffer.from(hit).toString("hex")}`));
}
