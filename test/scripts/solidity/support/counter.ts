import { readFileSync } from "node:fs";
import { compile } from "#scripts/check/solidity/compiler.ts";

/** A contract small enough to know every mutant and every branch of it. */
export const COUNTER = "contracts/Counter.sol";
export const COUNTER_TEST = "test/contracts/Counter.t.sol";

const CONTRACT = `pragma solidity ^0.8.28;
contract Counter {
    error Above(uint256 most);
    uint256 private constant MOST = 3; // at most three: ≤ 3
    uint256 public count;
    address public immutable owner = msg.sender;
    modifier mine() {
        if (msg.sender != owner) revert Above(0);
        _;
    }
    function add(uint256 by) external mine returns (uint256) {
        if (count + by > MOST) revert Above(MOST);
        count += by;
        return count;
    }
    function half() external view returns (uint256) {
        return count == 0 || count == 1 ? 0 : count / 2;
    }
    function unused(bytes32 a) external pure returns (bool) {
        return a == 0;
    }
}
`;

/** Never asks what happens at the most, to strangers, or to a count of one. */
const TEST = `pragma solidity ^0.8.28;
import {Counter} from "../../contracts/Counter.sol";
contract CounterTest {
    Counter private counter;
    function setUp() public { counter = new Counter(); }
    function test_Adds() public {
        require(counter.half() == 0);
        require(counter.add(2) == 2);
        require(counter.half() == 1);
    }
    function test_Refuses() public {
        (bool ok, ) = address(counter).call(abi.encodeCall(Counter.add, (9)));
        require(!ok);
    }
}
`;

export const SOURCES: ReadonlyMap<string, string> = new Map([
  [COUNTER, CONTRACT],
  [COUNTER_TEST, TEST],
]);

export function load(file: string): string {
  return SOURCES.get(file) ?? readFileSync(file, "utf8");
}

/** Compiles the counter with `changed` in place of its sources. */
export function compileCounter(want: "ast" | "code", changed: ReadonlyMap<string, string> = new Map()) {
  return compile([COUNTER, COUNTER_TEST], want, new Map([...SOURCES, ...changed]));
}
