import { keccak256, parseAbi, parseAbiItem, toBytes, toFunctionSelector, zeroHash } from "viem";
import { FUNCTIONS, PROXIES, ROLES, TIMELOCK_ROLES } from "./facts.ts";
import type { World } from "./world.ts";

type Hex = `0x${string}`;

const MANAGER = parseAbi([
  "function getAccess(uint64 role, address account) view returns (uint48 since, uint32 currentDelay, uint32 pendingDelay, uint48 effect)",
  "function getRoleAdmin(uint64 role) view returns (uint64)",
  "function getRoleGuardian(uint64 role) view returns (uint64)",
  "function getTargetFunctionRole(address target, bytes4 selector) view returns (uint64)",
  "function isTargetClosed(address target) view returns (bool)",
]);
const GRANTED = parseAbiItem(
  "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
);
const REVOKED = parseAbiItem("event RoleRevoked(uint64 indexed roleId, address indexed account)");
const FUNCTION_ROLE = parseAbiItem(
  "event TargetFunctionRoleUpdated(address indexed target, bytes4 selector, uint64 indexed roleId)",
);
const GRANT_DELAY = parseAbiItem(
  "event RoleGrantDelayChanged(uint64 indexed roleId, uint32 delay, uint48 since)",
);
const TARGET_DELAY = parseAbiItem(
  "event TargetAdminDelayUpdated(address indexed target, uint32 delay, uint48 since)",
);
const TIMELOCK_GRANTED = parseAbiItem(
  "event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
);
const TIMELOCK_REVOKED = parseAbiItem(
  "event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)",
);

/** Who holds what: of all grants, those that no later revocation took back. */
interface Change {
  role: string;
  account: Hex;
  held: boolean;
  at: [block: bigint, index: number];
}

function holders(changes: Change[]): Map<string, Set<string>> {
  const map = new Map<string, Set<string>>();
  const ordered = changes.sort((a, b) => Number(a.at[0] - b.at[0]) || a.at[1] - b.at[1]);
  for (const { role, account, held } of ordered) {
    const set = map.get(role) ?? new Set();
    map.set(role, set);
    if (held) set.add(account.toLowerCase());
    else set.delete(account.toLowerCase());
  }
  return map;
}

/** Compares who holds a role with who should. */
function compare(
  world: World,
  code: "ERR_DEPLOYMENT_ROLE" | "ERR_DEPLOYMENT_TIMELOCK",
  { what, found, expected }: { what: string; found: Set<string>; expected: Set<string> },
): void {
  for (const account of found) {
    if (!expected.has(account)) world.report(code, `${world.nameOf(account)} holds ${what}`);
  }
  for (const account of expected) {
    if (!found.has(account)) world.report(code, `${world.nameOf(account)} does not hold ${what}`);
  }
}

/** Exactly the holders that each role of the AccessManager should have, at once, and no chain of roles above them. */
export async function checkRoles(world: World): Promise<void> {
  const manager = { address: world.address("accessManager"), abi: MANAGER } as const;
  const [granted, revoked] = await Promise.all([
    world.logs(manager.address, GRANTED),
    world.logs(manager.address, REVOKED),
  ]);
  const held = holders([
    ...granted.map(({ args, blockNumber, logIndex }): Change => {
      return { role: String(args.roleId), account: args.account, held: true, at: [blockNumber, logIndex] };
    }),
    ...revoked.map(({ args, blockNumber, logIndex }): Change => {
      return { role: String(args.roleId), account: args.account, held: false, at: [blockNumber, logIndex] };
    }),
  ]);
  for (const role of new Set([...held.keys(), ...Object.keys(ROLES)])) {
    const expected = new Set((ROLES[role] ?? []).map((name): string => world.address(name)));
    const found = held.get(role) ?? new Set<string>();
    compare(world, "ERR_DEPLOYMENT_ROLE", { what: `role ${role} of the AccessManager`, found, expected });
  }
  for (const [role, names] of Object.entries(ROLES)) {
    const id = BigInt(role);
    const admin = await world.client.readContract({ ...manager, functionName: "getRoleAdmin", args: [id] });
    world.expect("ERR_DEPLOYMENT_ROLE", `the administrator of role ${role}`, admin, 0n);
    const guardian = await world.client.readContract({
      ...manager,
      functionName: "getRoleGuardian",
      args: [id],
    });
    world.expect("ERR_DEPLOYMENT_ROLE", `the guardian of role ${role}`, guardian, 0n);
    for (const name of names) {
      const args = [id, world.address(name)] as const;
      const [, delay] = await world.client.readContract({ ...manager, functionName: "getAccess", args });
      world.expect("ERR_DEPLOYMENT_ROLE", `the delay of ${name} in role ${role}`, delay, 0);
    }
  }
}

/** Whoever administers does it at once: no delay of the AccessManager was ever left above zero, be it in force yet or not. */
export async function checkDelays(world: World): Promise<void> {
  const manager = world.address("accessManager");
  const grants = await world.logs(manager, GRANT_DELAY);
  for (const [role, delay] of new Map(grants.map(({ args }) => [args.roleId, args.delay]))) {
    world.expect("ERR_DEPLOYMENT_ROLE", `the delay of grants of role ${role}`, delay, 0);
  }
  const targets = await world.logs(manager, TARGET_DELAY);
  for (const [target, delay] of new Map(targets.map(({ args }) => [args.target, args.delay]))) {
    const what = `the delay of changes to ${world.nameOf(target)}`;
    world.expect("ERR_DEPLOYMENT_FUNCTION", what, delay, 0);
  }
}

/** Exactly the functions that answer to another role than the administrator's, and no contract closed. */
export async function checkFunctions(world: World): Promise<void> {
  const manager = { address: world.address("accessManager"), abi: MANAGER } as const;
  const wanted = new Map(
    FUNCTIONS.map(([target, signature, role]) => [
      `${world.address(target)} ${toFunctionSelector(signature)}`,
      { name: `${target}.${signature}`, role },
    ]),
  );
  const changed = await world.logs(manager.address, FUNCTION_ROLE);
  const touched = changed.map(({ args }) => `${args.target.toLowerCase()} ${args.selector}`);
  for (const key of new Set([...wanted.keys(), ...touched])) {
    const [target, selector] = key.split(" ") as [Hex, Hex];
    const { name, role } = wanted.get(key) ?? { name: `${world.nameOf(target)} ${selector}`, role: 0 };
    const call = { ...manager, functionName: "getTargetFunctionRole", args: [target, selector] } as const;
    const found = await world.client.readContract(call);
    world.expect("ERR_DEPLOYMENT_FUNCTION", `the role of ${name}`, found, role);
  }
  for (const name of Object.keys(PROXIES)) {
    const call = { ...manager, functionName: "isTargetClosed", args: [world.address(name)] } as const;
    world.expect("ERR_DEPLOYMENT_FUNCTION", `closed: ${name}`, await world.client.readContract(call), false);
  }
}

/** The governor alone proposes and cancels, anyone executes, and only the timelock changes that. */
export async function checkTimelock(world: World): Promise<void> {
  const timelock = world.address("timelock");
  const [granted, revoked] = await Promise.all([
    world.logs(timelock, TIMELOCK_GRANTED),
    world.logs(timelock, TIMELOCK_REVOKED),
  ]);
  const change =
    (held: boolean) =>
    (log: (typeof granted)[number] | (typeof revoked)[number]): Change => {
      const { role, account } = log.args;
      return { role, account, held, at: [log.blockNumber, log.logIndex] };
    };
  const held = holders([...granted.map(change(true)), ...revoked.map(change(false))]);
  const names = new Map(
    Object.keys(TIMELOCK_ROLES).map((name) => [
      name === "DEFAULT_ADMIN_ROLE" ? zeroHash : keccak256(toBytes(name)),
      name,
    ]),
  );
  for (const role of new Set([...held.keys(), ...names.keys()])) {
    const name = names.get(role as Hex);
    const expected = new Set(
      (TIMELOCK_ROLES[name ?? ""] ?? []).map((holder): string => world.address(holder)),
    );
    const found = held.get(role) ?? new Set<string>();
    compare(world, "ERR_DEPLOYMENT_TIMELOCK", { what: `${name ?? role} of the timelock`, found, expected });
  }
  const delay = await world.ask(timelock, "getMinDelay() view returns (uint256)");
  if (delay === undefined || delay === "0") {
    world.report("ERR_DEPLOYMENT_TIMELOCK", "the timelock has no delay");
  }
}

/** A deployer that is not somebody else as well has nothing left. */
export function checkDeployer(world: World, localChain: number): void {
  if (world.deployed.chainId === localChain) return;
  for (const name of ["guardian", "launcher"]) {
    if (world.address(name) !== world.address("deployer")) continue;
    world.report("ERR_DEPLOYMENT_DEPLOYER", `the deployer is the ${name}`);
  }
}

/** Votes are counted by Unix seconds, last for a time, and need a quorum. */
export async function checkGovernor(world: World): Promise<void> {
  const governor = world.address("governor");
  const mode = await world.ask(governor, "CLOCK_MODE() view returns (string)");
  world.expect("ERR_DEPLOYMENT_GOVERNOR", "governor.CLOCK_MODE()", mode, "mode=timestamp");
  for (const getter of ["votingPeriod", "quorumNumerator"]) {
    const found = await world.ask(governor, `${getter}() view returns (uint256)`);
    if (found === undefined || found === "0") {
      world.report("ERR_DEPLOYMENT_GOVERNOR", `governor.${getter}() is ${found}`);
    }
  }
}
