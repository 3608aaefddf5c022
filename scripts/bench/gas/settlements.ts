import { encodeFunctionData } from "viem";
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
import type { GasL2 } from "./l2.ts";
import { word } from "./words.ts";

const DAY_MS = 86_400_000;
const START_MS = 1_800_000_000_000;

/** What the committee promises at the end of an epoch; money in micro-USD and wei, cumulative. */
export interface Promised {
  payoutRoot: Uint8Array;
  totalPayoutStable: bigint;
  totalPayoutFlk: bigint;
}

/** The chain of settlements, one a day. */
export class SettlementChain {
  readonly #l2: GasL2;
  #newest: Settlement | undefined;
  #previous: Uint8Array;

  private constructor(l2: GasL2, genesis: Uint8Array) {
    this.#l2 = l2;
    this.#previous = genesis;
  }

  static async start(l2: GasL2, genesis: Committee): Promise<SettlementChain> {
    const { settlement } = l2.deployment;
    const args = [toL2Committee(genesis), BigInt(START_MS)] as const;
    const [launcher] = l2.accounts as [Hex];
    await l2.reach(START_MS / 1_000);
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

  /** Settles the epoch of `committee` at its close, which activates the one before when nobody did. @returns its gas */
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
    const { networkId, settlement: address } = this.#l2.deployment;
    const signature = certify(fromHex(networkId), settlement, committee, absent);
    const previous = this.#newest ? toL2Settlement(this.#newest) : NO_SETTLEMENT;
    const args = [previous, toL2Settlement(settlement), toL2Committee(committee), absent, signature] as const;
    const data = encodeFunctionData({ abi: epochSettlementAbi, functionName: "settle", args });
    await this.#l2.reach(settlement.closeTime / 1_000);
    const gas = await this.#l2.send(this.#poster, address, data);
    this.#newest = settlement;
    this.#previous = settlementDigest(settlement);
    return gas;
  }

  /** Makes the newest settlement active, an hour after its close. @returns the gas */
  async activate(): Promise<bigint> {
    const settlement = this.#posted;
    const args = [toL2Settlement(settlement)] as const;
    const data = encodeFunctionData({ abi: epochSettlementAbi, functionName: "activate", args });
    await this.#l2.reach(settlement.closeTime / 1_000 + 3_600);
    return this.#l2.send(this.#poster, this.#l2.deployment.settlement, data);
  }

  /** Claims both tokens for `account` against the newest active settlement. @returns the gas */
  async claim(account: Hex, stable: bigint, flk: bigint, proof: Hex[]): Promise<bigint> {
    const args = [account, stable, flk, proof] as const;
    const data = encodeFunctionData({ abi: epochSettlementAbi, functionName: "claim", args });
    return this.#l2.send(this.#poster, this.#l2.deployment.settlement, data);
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
