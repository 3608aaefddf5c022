import { encodeFunctionData, isAddressEqual, parseEventLogs } from "viem";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import {
  committeeHash,
  EMPTY_SLASH_LIST,
  NO_SETTLEMENT,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { certify } from "./committees.ts";
import { type GasL2, START_S } from "./l2.ts";
import { word } from "./words.ts";

const DAY_MS = 86_400_000;
const START_MS = START_S * 1_000;

/** What the committee promises at the end of an epoch; money in micro-USD and wei, cumulative. */
export interface Promised {
  payoutRoot: Uint8Array;
  totalPayoutStable: bigint;
  totalPayoutFlk: bigint;
}

type EventName = "Activated" | "Settled" | "Refunded" | "Claimed";

/** The chain of settlements, one a day. */
export class SettlementChain {
  readonly #l2: GasL2;
  #newest: Settlement | undefined;
  #previous: Uint8Array;
  /** The newest settlement is not active yet. */
  #waits = false;

  private constructor(l2: GasL2, genesis: Uint8Array) {
    this.#l2 = l2;
    this.#previous = genesis;
  }

  static async start(l2: GasL2, genesis: Committee): Promise<SettlementChain> {
    const { settlement, launcher } = l2.deployment;
    const args = [toL2Committee(genesis), BigInt(START_MS)] as const;
    l2.reach(START_S);
    await l2.send(
      launcher,
      settlement,
      encodeFunctionData({ abi: epochSettlementAbi, functionName: "start", args }),
    );
    const digest = await l2.client.readContract({
      address: settlement,
      abi: epochSettlementAbi,
      functionName: "latestDigest",
    });
    return new SettlementChain(l2, fromHex(digest));
  }

  /**
   * Settles the epoch of `committee` at its close, which activates the one before when nobody did, and pays the gas back.
   * @returns its gas
   */
  async settle(committee: Committee, next: Committee, absent: number[], promised: Promised): Promise<bigint> {
    const { epoch } = committee;
    const settlement: Settlement = {
      epoch,
      previous: this.#previous,
      closeTime: START_MS + DAY_MS * (epoch + 1),
      l2Number: 19_000_000 + 7_200 * epoch,
      l2Hash: word(`L2 block of epoch ${epoch}`),
      stateRoot: word(`state of epoch ${epoch}`),
      balanceRoot: word(`balances of epoch ${epoch}`),
      reportHash: word(`report of epoch ${epoch}`),
      totalBalances: 1_234_567_890n,
      slashListHash: EMPTY_SLASH_LIST,
      nextCommitteeHash: committeeHash(next),
      ...promised,
    };
    const { networkId } = this.#l2.deployment;
    const signature = certify(fromHex(networkId), settlement, committee, absent);
    const previous = this.#newest ? toL2Settlement(this.#newest) : NO_SETTLEMENT;
    const args = [previous, toL2Settlement(settlement), toL2Committee(committee), absent, signature] as const;
    const data = encodeFunctionData({ abi: epochSettlementAbi, functionName: "settle", args });
    this.#l2.reach(settlement.closeTime / 1_000);
    const activated = this.#waits ? (["Activated"] as const) : [];
    const gas = await this.#call(data, [...activated, "Settled", "Refunded"]);
    this.#newest = settlement;
    this.#previous = settlementDigest(settlement);
    this.#waits = true;
    return gas;
  }

  /** Makes the newest settlement active, an hour after its close. @returns the gas */
  async activate(): Promise<bigint> {
    const settlement = this.#posted;
    const args = [toL2Settlement(settlement)] as const;
    const data = encodeFunctionData({ abi: epochSettlementAbi, functionName: "activate", args });
    this.#l2.reach(settlement.closeTime / 1_000 + 3_600);
    const gas = await this.#call(data, ["Activated"]);
    this.#waits = false;
    return gas;
  }

  /** Claims both tokens for `account` against the newest active settlement. @returns the gas */
  async claim(account: Hex, stable: bigint, flk: bigint, proof: Hex[]): Promise<bigint> {
    const args = [account, stable, flk, proof] as const;
    const data = encodeFunctionData({ abi: epochSettlementAbi, functionName: "claim", args });
    return this.#call(data, ["Claimed"]);
  }

  /** @throws when the call did less or more than `expected`: a settlement that is held, or mints nothing, costs less */
  async #call(data: Hex, expected: EventName[]): Promise<bigint> {
    const address = this.#l2.deployment.settlement;
    const { gasUsed, logs } = await this.#l2.sendForReceipt(this.#poster, address, data);
    const events = parseEventLogs({
      abi: epochSettlementAbi,
      logs: logs.filter((log) => isAddressEqual(log.address, address)),
    });
    const names = events.map(({ eventName }) => eventName).join(", ");
    if (names !== expected.join(", ")) throw new Error(`expected ${expected.join(", ")} and got ${names}`);
    for (const event of events) {
      if (event.eventName === "Activated" && event.args.flkMinted === 0n)
        throw new Error("nothing was minted");
      if (event.eventName === "Claimed" && (event.args.stablePaid === 0n || event.args.flkPaid === 0n))
        throw new Error("a claim did not pay both tokens");
    }
    return gasUsed;
  }

  get #posted(): Settlement {
    if (!this.#newest) throw new Error("nothing is settled yet");
    return this.#newest;
  }

  /** Anyone may post and claim. */
  get #poster(): Hex {
    const [, , , poster] = this.#l2.accounts as [Hex, Hex, Hex, Hex];
    return poster;
  }
}
