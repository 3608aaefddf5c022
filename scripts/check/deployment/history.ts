import { encodeAbiParameters, keccak256, pad, parseAbi, parseAbiItem, toBytes, zeroHash } from "viem";
import { type Artifacts, checkReserved } from "./code.ts";
import { ALLOWANCES, PLAIN, PROXIES, type ProxyName } from "./facts.ts";
import type { World } from "./world.ts";

type Hex = `0x${string}`;

const UPGRADED = parseAbiItem("event Upgraded(address indexed implementation)");
const AUTHORITY = parseAbiItem("event AuthorityUpdated(address authority)");
const APPROVAL = parseAbiItem(
  "event Approval(address indexed owner, address indexed spender, uint256 value)",
);
const CREATED = parseAbiItem(
  "event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)",
);
const QUEUED = parseAbiItem("event ProposalQueued(uint256 proposalId, uint256 etaSeconds)");
const SCHEDULED = parseAbiItem(
  "event CallScheduled(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data, bytes32 predecessor, uint256 delay)",
);
const EXECUTED = parseAbiItem(
  "event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data)",
);
const ASKED = parseAbi([
  "function isOperationPending(bytes32 id) view returns (bool)",
  "function allowance(address owner, address spender) view returns (uint256)",
]);

/**
 * Nothing was prepared before the hand-over that the state of today does not show: no proxy ran other code or answered to
 * another authority, no contract lets anybody take its tokens, nothing waits in the timelock, but by a vote.
 */
export async function checkHistory(world: World, artifacts: Artifacts): Promise<void> {
  const voted = await votedOperations(world);
  const executed = await world.logs(world.address("timelock"), EXECUTED);
  const governed = new Set(
    executed.filter(({ args }) => voted.has(args.id)).map(({ transactionHash }) => transactionHash),
  );
  await checkOperations(world, voted);
  const reserved = new Set<Hex>();
  for (const name of Object.keys(PROXIES) as ProxyName[]) {
    const first = await checkUpgrades(world, name, governed);
    if (first) reserved.add(first);
    for (const { args, transactionHash } of await world.logs(world.address(name), AUTHORITY)) {
      if (governed.has(transactionHash)) continue;
      const what = `an authority that ${name} had`;
      world.expect("ERR_DEPLOYMENT_AUTHORITY", what, args.authority, world.address("accessManager"));
    }
  }
  for (const address of reserved) await checkReserved(world, artifacts, address);
  await checkAllowances(world, governed);
}

/** Ids that the timelock knows the governor's proposals by, of those that a vote let into it. */
async function votedOperations(world: World): Promise<Set<Hex>> {
  const governor = world.address("governor");
  const queued = new Set((await world.logs(governor, QUEUED)).map(({ args }) => args.proposalId));
  const created = await world.logs(governor, CREATED);
  const ids = created
    .filter(({ args }) => queued.has(args.proposalId))
    .map(({ args }) => {
      // As GovernorTimelockControl has it: the governor's address on the left, over the description's hash.
      const salt = BigInt(pad(governor, { dir: "right" })) ^ BigInt(keccak256(toBytes(args.description)));
      return keccak256(
        encodeAbiParameters(
          [
            { type: "address[]" },
            { type: "uint256[]" },
            { type: "bytes[]" },
            { type: "bytes32" },
            { type: "bytes32" },
          ],
          [args.targets, args.values, args.calldatas, zeroHash, `0x${salt.toString(16).padStart(64, "0")}`],
        ),
      );
    });
  return new Set(ids);
}

async function checkOperations(world: World, voted: ReadonlySet<Hex>): Promise<void> {
  const address = world.address("timelock");
  const scheduled = new Set((await world.logs(address, SCHEDULED)).map(({ args }) => args.id));
  for (const id of scheduled) {
    if (voted.has(id)) continue;
    const call = { address, abi: ASKED, functionName: "isOperationPending", args: [id] } as const;
    const pending = await world.client.readContract(call).catch(() => false);
    if (pending) {
      world.report(
        "ERR_DEPLOYMENT_TIMELOCK",
        `operation ${id} waits in the timelock, and no vote put it there`,
      );
    }
  }
}

/** Reserved, then its implementation, then what was voted for. @returns what it led to when it was created */
async function checkUpgrades(
  world: World,
  name: ProxyName,
  governed: ReadonlySet<Hex>,
): Promise<Hex | undefined> {
  const logs = await world.logs(world.address(name), UPGRADED);
  const steps = logs.map(({ args, transactionHash }) => {
    return { to: args.implementation.toLowerCase() as Hex, governed: governed.has(transactionHash) };
  });
  const [first, ...rest] = steps;
  const own = rest.filter((step) => !step.governed);
  const expected = world.deployed.implementations[name];
  const replaced = rest.length > own.length;
  if (own.length !== 1 || (!replaced && own[0]?.to !== expected)) {
    const path = rest.map(({ to }) => world.nameOf(to)).join(", then to ") || "nothing";
    const text = `${name} was upgraded from Reserved to ${path}, and not to ${expected} alone`;
    world.report("ERR_DEPLOYMENT_UPGRADE", text);
  }
  return first?.to;
}

/** None of the contracts lets anybody take its tokens, except as it should and as was voted for. */
async function checkAllowances(world: World, governed: ReadonlySet<Hex>): Promise<void> {
  const contracts = [...Object.keys(PLAIN), ...Object.keys(PROXIES)].map((name) => world.address(name));
  const owners = [...contracts, ...Object.values(world.deployed.implementations)];
  for (const token of ["stable", "flk"]) {
    const address = world.address(token);
    const newest = new Map<string, boolean>();
    for (const { args, transactionHash } of await world.logs(address, APPROVAL, { owner: owners })) {
      const { owner, spender } = args;
      newest.set(`${owner} ${spender}`.toLowerCase(), governed.has(transactionHash));
    }
    for (const [key, voted] of newest) {
      const [owner, spender] = key.split(" ") as [Hex, Hex];
      const names = [token, world.nameOf(owner), world.nameOf(spender)];
      if (voted || ALLOWANCES.some((expected) => expected.join() === names.join())) continue;
      const call = { address, abi: ASKED, functionName: "allowance", args: [owner, spender] } as const;
      const left = await world.client.readContract(call).catch(() => "an unknown part");
      if (left === 0n) continue;
      const text = `${names[2]} may take ${left} of ${token} from ${names[1]}`;
      world.report("ERR_DEPLOYMENT_ALLOWANCE", text);
    }
  }
}
