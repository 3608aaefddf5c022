import {
  type Abi,
  type AbiParameter,
  decodeAbiParameters,
  encodeAbiParameters,
  getContractAddress,
  type Hash,
  toFunctionSelector,
} from "viem";
import type { Artifacts } from "./code.ts";
import { ARGUMENTS, type Argument, PLAIN, PROXIES, type ProxyName } from "./facts.ts";
import type { World } from "./world.ts";

type Hex = `0x${string}`;

interface Creation {
  name: string;
  address: Hex;
  artifact: string;
  args: Argument[];
}

/** Whatever it led to first is checked with its upgrades. */
const PROXY_ARGUMENTS: Argument[] = [null, toFunctionSelector("reserve()")];

/**
 * Every contract was made by a transaction of its own from what this repository compiles to, with the right arguments: code
 * that is there now does not tell what a constructor stored, nor what the immutables are that no getter shows. The transaction
 * is that of the contract's first log; so the block that the file names is no later than any of these contracts either.
 */
export async function checkCreation(world: World, artifacts: Artifacts): Promise<void> {
  const creations = allCreations(world);
  const transactions = await world.firstTransactions(creations.map(({ address }) => address));
  for (const creation of creations) {
    await checkOne(world, artifacts, { ...creation, hash: transactions.get(creation.address) });
  }
  // The implementation's constructor makes its second part, first of all: what is checked above is checked of both.
  const from = world.deployed.implementations.settlement;
  const control = await world.ask(world.address("settlement"), "control() view returns (address)");
  const made = getContractAddress({ from, nonce: 1n });
  world.expect("ERR_DEPLOYMENT_CREATION", "settlement.control()", control, made);
}

function allCreations(world: World): Creation[] {
  const plain = Object.entries(PLAIN).map(([name, artifact]) => {
    return { name, address: world.address(name), artifact, args: ARGUMENTS[name as keyof typeof PLAIN] };
  });
  const proxied = (Object.keys(PROXIES) as ProxyName[]).flatMap((name) => [
    { name, address: world.address(name), artifact: "ERC1967Proxy", args: PROXY_ARGUMENTS },
    {
      name: `the implementation of ${name}`,
      address: world.deployed.implementations[name],
      artifact: PROXIES[name],
      args: ARGUMENTS[name],
    },
  ]);
  return [...plain, ...proxied];
}

async function checkOne(
  world: World,
  artifacts: Artifacts,
  { name, address, artifact, args, hash }: Creation & { hash: Hash | undefined },
): Promise<void> {
  const report = (text: string) => world.report("ERR_DEPLOYMENT_CREATION", `${name} ${text}`);
  if (!hash) return report(`at ${address} has no log since block ${world.deployed.fromBlock}`);
  const [{ to, input }, { contractAddress }] = await Promise.all([
    world.client.getTransaction({ hash }),
    world.client.getTransactionReceipt({ hash }),
  ]);
  if (to !== null || contractAddress?.toLowerCase() !== address) {
    return report(`was not created by the transaction of its first log since the file's block, ${hash}`);
  }
  const { abi, bytecode } = await artifacts.readArtifact(artifact);
  if (!input.startsWith(bytecode)) return report(`was not created by the code of ${artifact}`);
  const made = (abi as Abi).find(({ type }) => type === "constructor");
  const inputs = made?.type === "constructor" ? made.inputs : [];
  const wrong = wrongArguments(world, { inputs, args, given: `0x${input.slice(bytecode.length)}` });
  for (const text of wrong) report(`was created with ${text}`);
}

interface Given {
  inputs: readonly AbiParameter[];
  args: Argument[];
  given: Hex;
}

function wrongArguments(world: World, { inputs, args, given }: Given): string[] {
  let values: readonly unknown[];
  try {
    values = decodeAbiParameters(inputs, given);
  } catch {
    return ["no arguments that fit its constructor"];
  }
  const wanted = values.map((value, i) => named(world, args[i] ?? null) ?? value);
  const name = (value: unknown) => world.nameOf(String(value).toLowerCase());
  const wrong = inputs.flatMap((input, i) => {
    const encode = (value: unknown) => encodeAbiParameters([input], [value]);
    if (encode(values[i]) === encode(wanted[i])) return [];
    return [`${input.name} ${name(values[i])}, not ${name(wanted[i])}`];
  });
  if (wrong.length === 0 && encodeAbiParameters(inputs, wanted) !== given) return ["more than its arguments"];
  return wrong;
}

function named(world: World, argument: Argument): unknown {
  if (argument === null) return undefined;
  if (Array.isArray(argument)) return argument.map((name) => world.address(name));
  return argument.startsWith("0x") ? argument : world.address(argument);
}
