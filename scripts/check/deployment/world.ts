import {
  type AbiEvent,
  createPublicClient,
  type GetLogsParameters,
  type GetLogsReturnType,
  type Hash,
  http,
  type PublicClient,
  parseAbi,
} from "viem";
import { minBigint } from "#protocol/types/bigint.ts";
import type { Deployed } from "./deployment.ts";

type Hex = `0x${string}`;

/** What is off. Codes are stable. */
export type ProblemCode =
  /** another chain, or the network's id is of another one */
  | "ERR_DEPLOYMENT_CHAIN"
  /** not the code that this repository compiles to */
  | "ERR_DEPLOYMENT_CODE"
  /** not created from that code by a transaction of its own, or with other arguments */
  | "ERR_DEPLOYMENT_CREATION"
  /** a proxy ran other code than its implementation's before the hand-over */
  | "ERR_DEPLOYMENT_UPGRADE"
  /** somebody may take tokens of a contract */
  | "ERR_DEPLOYMENT_ALLOWANCE"
  /** a proxy has another implementation than the deployment says */
  | "ERR_DEPLOYMENT_IMPLEMENTATION"
  /** a proxy is not initialised, or its implementation can be */
  | "ERR_DEPLOYMENT_INITIALIZER"
  /** a contract answers to another authority */
  | "ERR_DEPLOYMENT_AUTHORITY"
  /** a contract names another one than it should */
  | "ERR_DEPLOYMENT_LINK"
  /** somebody holds a role of the AccessManager that it should not, or does not hold its own */
  | "ERR_DEPLOYMENT_ROLE"
  /** a function answers to another role, or a contract is closed */
  | "ERR_DEPLOYMENT_FUNCTION"
  /** a role or delay of the timelock */
  | "ERR_DEPLOYMENT_TIMELOCK"
  /** a setting of the governor */
  | "ERR_DEPLOYMENT_GOVERNOR"
  /** the stablecoin, or what the settlement may take of it */
  | "ERR_DEPLOYMENT_STABLE"
  /** the deployer kept something */
  | "ERR_DEPLOYMENT_DEPLOYER";

export interface Problem {
  code: ProblemCode;
  text: string;
}

const NOBODY: Hex = "0x0000000000000000000000000000000000000000";
const PAGE = 10_000n;

/** A deployment and the chain that it is on. */
export class World {
  readonly client: PublicClient;
  readonly deployed: Deployed;
  readonly problems: Problem[] = [];

  readonly #page: bigint;

  /** `page`: blocks that the L2 answers for at once */
  constructor(rpcUrl: string, deployed: Deployed, page: bigint = PAGE) {
    this.#page = page;
    this.client = createPublicClient({ transport: http(rpcUrl, { batch: true }), cacheTime: 0 });
    this.deployed = deployed;
  }

  /** Address of a name in the deployment; "nobody" is the zero address. */
  address(name: string): Hex {
    if (name === "nobody") return NOBODY;
    const address = this.deployed.addresses.get(name);
    if (!address) throw new Error(`the deployment has no ${name}`);
    return address;
  }

  /** An address for people: by its names where it has any. */
  nameOf(address: string): string {
    const wanted = address.toLowerCase();
    if (wanted === NOBODY) return "nobody";
    const names = [...this.deployed.addresses].filter(([, value]) => value === wanted).map(([name]) => name);
    return names.length > 0 ? names.join("/") : address;
  }

  report(code: ProblemCode, text: string): void {
    this.problems.push({ code, text });
  }

  expect(code: ProblemCode, what: string, found: unknown, expected: unknown): void {
    if (String(found).toLowerCase() === String(expected).toLowerCase()) return;
    this.report(code, `${what} is ${this.nameOf(String(found))}, not ${this.nameOf(String(expected))}`);
  }

  /** A getter's answer, lower-case where it is hex; undefined where there is no such getter. */
  async ask(at: Hex, getter: string): Promise<string | undefined> {
    const abi = parseAbi([`function ${getter}`] as [string]);
    const [entry] = abi as unknown as { name: string }[];
    try {
      const answer = await this.client.readContract({ address: at, abi, functionName: entry?.name ?? "" });
      return String(answer).toLowerCase();
    } catch {
      return undefined;
    }
  }

  /** Every log of an event since the deployment, oldest first; of `owner` alone where the event has one. */
  async logs<const E extends AbiEvent>(
    address: Hex,
    event: E,
    args?: { owner: Hex[] },
  ): Promise<GetLogsReturnType<E, [E], true>> {
    const found: unknown[] = [];
    for await (const range of this.#pages()) {
      // viem cannot tell that an event that is not known yet has these arguments
      const filter = { address, event, args, ...range, strict: true } as GetLogsParameters<E, [E], true>;
      found.push(...(await this.client.getLogs(filter)));
    }
    return found as GetLogsReturnType<E, [E], true>;
  }

  /** The transactions of the first log since the deployment of each address that has one. */
  async firstTransactions(addresses: Hex[]): Promise<Map<Hex, Hash>> {
    const found = new Map<Hex, Hash>();
    for await (const range of this.#pages()) {
      const address = addresses.filter((one) => !found.has(one));
      if (address.length === 0) break;
      for (const log of await this.client.getLogs({ address, ...range })) {
        const of = log.address.toLowerCase() as Hex;
        if (!found.has(of)) found.set(of, log.transactionHash);
      }
    }
    return found;
  }

  async *#pages(): AsyncGenerator<{ fromBlock: bigint; toBlock: bigint }> {
    const newest = await this.client.getBlockNumber();
    for (let fromBlock = this.deployed.fromBlock; fromBlock <= newest; fromBlock += this.#page) {
      const last = fromBlock + this.#page - 1n;
      yield { fromBlock, toBlock: minBigint(last, newest) };
    }
  }
}
