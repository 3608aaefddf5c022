import { keccak256, stringToHex, zeroHash } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import type { Books } from "./books.ts";
import type { Contracts } from "./contracts.ts";
import { TERMS } from "./opening.ts";
import { type View, view } from "./views.ts";

/** Where all FLK of the nodes is, and whose votes it is. */
export function flkViews({ flk, staking, votes }: Contracts, books: Books, holders: Hex[]): View[] {
  const { staking: stakes, registry, bridge } = books;
  const ids = registry.nodes.map(({ id }) => id);
  const sum = (amounts: bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
  const staked = sum(ids.map((id) => stakes.get(id).staked));
  const thawing = sum(ids.map((id) => stakes.thawing(id)));
  const owners = [...new Set(registry.nodes.map(({ owner }) => owner))];
  return [
    view(staking, "totals", [], [staked, thawing]),
    view(flk, "balanceOf", [staking.address], staked + thawing),
    view(flk, "totalSupply", [], TERMS.supply + bridge.minted - stakes.burned),
    ...holders.map((holder) => view(flk, "balanceOf", [holder], heldBy(books, holder))),
    ...owners.flatMap((owner) => {
      const units = sum(
        registry.nodes.filter((node) => node.owner === owner).map(({ id }) => stakes.available(id)),
      );
      return [view(votes, "stakedUnits", [owner], units), view(votes, "getStakedVotes", [owner], units)];
    }),
  ];
}

function heldBy({ staking }: Books, holder: Hex): bigint {
  const [unstaked, withdrawn, rewarded] = [staking.unstaked, staking.withdrawn, staking.rewarded];
  return [unstaked, withdrawn, rewarded].reduce((sum, of) => sum + (of.get(holder) ?? 0n), 0n);
}

/** Whom the slasher took from, and how far each list is. */
export function slashViews({ slasher, settlement }: Contracts, books: Books): View[] {
  const { bridge, slasher: slashes, registry } = books;
  const { nextEpoch, certified } = bridge;
  const epochs = [nextEpoch + 1, nextEpoch, nextEpoch - 1, nextEpoch - 2, 0].filter((epoch) => epoch >= 0);
  const listed = [...new Set([...[...certified.keys()].slice(-4), nextEpoch])];
  return [
    ...registry.nodes.flatMap(({ id }) =>
      [...new Set(epochs)].map((epoch) =>
        view(slasher, "isSlashed", [id, BigInt(epoch)], slashes.isSlashed(id, epoch)),
      ),
    ),
    ...listed.flatMap((epoch) => {
      const { state, applied } = slashes.progress(epoch);
      const list = certified.get(epoch);
      return [
        view(slasher, "slashList", [BigInt(epoch)], [state, applied]),
        view(settlement, "slashListHash", [BigInt(epoch)], list ? keccak256(list.bytes) : zeroHash),
      ];
    }),
  ];
}

/** Every parameter as it is in force. */
export function parameterViews({ parameters }: Contracts, { parameters: ledger, bridge }: Books): View[] {
  const { nextEpoch } = bridge;
  const inForce = ledger.list.map(({ name, min, max }) => ({
    key: stringToHex(name, { size: 32 }),
    value: ledger.get(name, nextEpoch),
    min,
    max,
  }));
  return [
    view(parameters, "all", [], inForce),
    view(parameters, "evidenceEpochs", [], ledger.evidenceEpochs(nextEpoch)),
    view(
      parameters,
      "slashing",
      [],
      [ledger.get("equivocationSlashBps", nextEpoch), ledger.get("reporterRewardBps", nextEpoch)],
    ),
  ];
}

const JUDGED = ["minStake", "thawPeriod", "epochLengthMs", "evidenceWindow", "maxLock", "maxSlashPerEpoch"];

/** What waits for the next epoch, and the lowest of late. */
export function scheduleViews({ parameters }: Contracts, { parameters: ledger, bridge }: Books): View[] {
  const { nextEpoch } = bridge;
  return JUDGED.flatMap((name) => {
    const { value, from } = ledger.scheduled(name, nextEpoch);
    const args = [stringToHex(name, { size: 32 })];
    return [
      view(parameters, "scheduled", args, [value, BigInt(from)]),
      view(parameters, "lowest", args, ledger.lowest(name, nextEpoch)),
    ];
  });
}
