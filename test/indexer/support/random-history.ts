import { type Abi, numberToHex } from "viem";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { type Account, accountOf, sessionOf } from "#test/node/transition/support/keys.ts";
import { FLK } from "#test/node/transition/support/world.ts";
import type { RealChain } from "./real-chain.ts";

export const CLIENTS = ["a", "b", "c", "d"].map(accountOf);
const SESSIONS = ["s", "t"];
/** micro-USD per 10^9 units: also of a price where a unit costs more than a micro-USD */
const PRICES = [0n, 1_000_000n, 2_000_000n, 3_500_000_000n];
const DAY = 86_400;

/** A random history; what contracts refuse changes nothing. */
export class RandomHistory {
  readonly chain: RealChain;
  readonly #rng: Rng;
  readonly #weighted: (() => Promise<unknown>)[];
  /** names of steps that a contract refused */
  readonly refused: string[] = [];

  constructor(chain: RealChain, rng: Rng) {
    this.chain = chain;
    this.#rng = rng;
    const steps: [weight: number, step: () => Promise<unknown>][] = [...this.#inBlocks(), ...this.#onL2()];
    this.#weighted = steps.flatMap(([weight, step]) => Array<() => Promise<unknown>>(weight).fill(step));
  }

  async step(): Promise<void> {
    await this.#pick(this.#weighted)();
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#rng.below(list.length)] as T;
  }

  #node(): number {
    return this.#rng.int(1, 3);
  }

  async #try(what: string, doing: Promise<unknown>): Promise<void> {
    await doing.catch(() => void this.refused.push(what));
  }

  #inBlocks(): [number, () => Promise<unknown>][] {
    const { world } = this.chain;
    const block = (...transactions: Uint8Array[]) => this.chain.block({ transactions });
    return [
      [24, () => block(this.#acks(), this.#acks())],
      [2, () => block(this.#transfer(), this.#withdraw())],
      [1, () => block(this.#revoke())],
      [2, () => block(world.authorize(this.#pick(CLIENTS), this.#pick(SESSIONS), { limit: 3_000n }))],
    ];
  }

  #acks(): Uint8Array {
    const { world } = this.chain;
    const node = this.#node();
    const signed = Array.from({ length: this.#rng.int(1, 6) }, () =>
      world.ack(this.#pick(CLIENTS), this.#pick(SESSIONS), {
        node,
        epoch: Math.max(0, world.state.epoch - this.#rng.below(2)),
        lane: this.#rng.below(2),
        count: this.#rng.int(1, 9),
        units: BigInt(this.#rng.below(1_500_000)),
        commodity: this.#rng.below(2),
      }),
    );
    return world.submitAcks(node, signed);
  }

  #base(owner: Account) {
    return { account: owner.address, nonce: this.chain.world.state.account(owner.address)?.nonce ?? 0 };
  }

  #transfer(): Uint8Array {
    const owner = this.#pick(CLIENTS);
    const to = this.#pick(CLIENTS).address;
    const body = { ...this.#base(owner), to, amount: BigInt(this.#rng.below(2_000)) };
    return owner.sign(this.chain.world.network, { kind: TX.transfer, body });
  }

  #withdraw(): Uint8Array {
    const owner = this.#pick(CLIENTS);
    const body = { ...this.#base(owner), amount: BigInt(this.#rng.below(500)) };
    return owner.sign(this.chain.world.network, { kind: TX.withdraw, body });
  }

  #revoke(): Uint8Array {
    const owner = this.#pick(CLIENTS);
    const body = { ...this.#base(owner), key: sessionOf(this.#pick(SESSIONS)).publicKey };
    return owner.sign(this.chain.world.network, { kind: TX.revokeSession, body });
  }

  #onL2(): [number, () => Promise<unknown>][] {
    const { chain } = this;
    const { outside } = chain;
    const client = () => toHex(this.#pick(CLIENTS).address);
    const staking = (name: string, ...args: unknown[]) => this.#try(name, chain.staking(name, args));
    return [
      [3, () => outside.deposit(this.#pick(CLIENTS).address, BigInt(this.#rng.int(1, 4_000)))],
      [2, () => this.#ask(client())],
      [1, () => this.#redirect(client(), client())],
      [2, () => staking("stake", this.#node(), BigInt(this.#rng.int(1, 500)) * FLK)],
      [5, () => staking("requestUnstake", this.#node(), BigInt(this.#rng.int(1, 300)) * FLK + 1n)],
      [2, () => staking("cancelUnstake", this.#node(), this.#rng.below(4))],
      [1, () => staking("withdrawMatured", this.#node(), chain.l2.deployment.deployer)],
      [1, () => staking("lock", this.#node(), this.#rng.below(DAY))],
      [1, () => staking("setPayee", this.#node(), client())],
      [1, () => staking("setParticipation", this.#node(), this.#rng.chance(0.5))],
      [1, () => staking("setEndpoints", this.#node(), `/ip4/10.0.0.${this.#rng.below(255)}/tcp/1`)],
      [3, () => this.#slash(this.#rng.chance(0.5) ? client() : numberToHex(0, { size: 20 }))],
      [1, () => chain.later(this.#rng.below(10) * DAY)],
      [2, () => this.#price()],
      [1, () => this.#parameter()],
      [1, () => outside.sell({ share: this.#rng.below(10_001) })],
      [1, () => outside.claimAll()],
    ];
  }

  #ask(account: Hex): Promise<void> {
    const vault = { address: this.chain.l2.deployment.vault, abi: clientVaultAbi as Abi };
    const args = [BigInt(this.#rng.int(1, 1_000))];
    return this.#try("ask", this.chain.as(account, { ...vault, functionName: "requestWithdraw", args }));
  }

  #redirect(account: Hex, payee: Hex): Promise<void> {
    const settlement = { address: this.chain.l2.deployment.settlement, abi: epochSettlementAbi as Abi };
    return this.chain.as(account, { ...settlement, functionName: "setPayee", args: [payee] });
  }

  #slash(reporter: Hex): Promise<void> {
    const { staking, slasher } = this.chain.l2.deployment;
    const args = [this.#node(), BigInt(this.#rng.below(10 ** 9)) * 10n ** 11n + 7n, reporter, 0n];
    const slash = { address: staking, abi: nodeStakingAbi as Abi, functionName: "slash", args };
    return this.#try("slash", this.chain.as(slasher, slash));
  }

  async #price(): Promise<void> {
    const services = { address: this.chain.l2.deployment.services, abi: serviceRegistryAbi };
    const { owner } = await this.chain.l2.client.readContract({
      ...services,
      functionName: "service",
      args: [0],
    });
    const args = [0, this.#rng.below(2), this.#pick(PRICES)];
    await this.#try("price", this.chain.as(owner, { ...services, functionName: "setPrice", args }));
  }

  #parameter(): Promise<void> {
    const { parameters, timelock } = this.chain.l2.deployment;
    const set = { address: parameters, abi: protocolParametersAbi as Abi };
    const args = [this.#rng.int(1, 5)];
    return this.#try("set", this.chain.as(timelock, { ...set, functionName: "setEligibilityEpochs", args }));
  }
}
