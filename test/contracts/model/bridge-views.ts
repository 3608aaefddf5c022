import { settlementDigest } from "#protocol/digests/settlement.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { Books } from "./books.ts";
import type { Outside } from "./bridge-types.ts";
import type { Contracts } from "./contracts.ts";
import { at } from "./ledger.ts";
import { MINTED } from "./opening.ts";
import { partly, refused, type View, view } from "./views.ts";

/** The settlement as a whole, and all stablecoin and FLK of clients that is not with them. */
export function bridgeViews({ usd, flk, vault, settlement }: Contracts, { bridge }: Books): View[] {
  const sum = (of: (client: Outside) => bigint): bigint =>
    bridge.outside.reduce((total, client) => total + of(client), 0n);
  const newest = bridge.pending.at(-1);
  const pending = bridge.pending.map((one, i) => {
    const expected = [toHex(settlementDigest(one.settlement)), BigInt(one.activatesAt), one.holds];
    return view(settlement, "pending", [BigInt(bridge.firstPending + i)], expected);
  });
  const status = {
    nextEpoch: BigInt(bridge.nextEpoch),
    firstPending: BigInt(bridge.firstPending),
    activeEpochs: BigInt(bridge.activeEpochs),
    ...(newest && { activatesAt: BigInt(newest.activatesAt), holds: newest.holds }),
    lastActivatedAt: BigInt(bridge.lastActivatedAt),
    frozen: bridge.frozen,
    recovering: bridge.recovering,
    restarts: bridge.restarts,
    digest: toHex(bridge.digest),
    totalPayoutStable: bridge.totalStable,
    totalPayoutFlk: bridge.totalFlk,
    mintedFlk: bridge.minted,
  };
  return [
    partly(settlement, "status", [], status),
    ...pending,
    view(usd, "balanceOf", [vault.address], bridge.inVault),
    view(usd, "balanceOf", [settlement.address], bridge.inPot),
    view(flk, "balanceOf", [settlement.address], bridge.flkInPot),
    view(
      vault,
      "totalEscaped",
      [],
      sum(({ escaped }) => escaped),
    ),
    view(
      vault,
      "totalDeposited",
      [],
      sum(({ deposited }) => deposited),
    ),
  ];
}

/** What each client and its payee have. */
export function clientViews(
  { usd, flk, vault, settlement }: Contracts,
  { bridge }: Books,
  { clients, payees }: { clients: Hex[]; payees: Hex[] },
): View[] {
  return bridge.outside.flatMap((expected, i) => {
    const { deposited, escaped, counted, redirected, claimedStable, claimedFlk } = expected;
    const [client, payee] = [at(clients, i), at(payees, i)];
    return [
      partly(settlement, "claimed", [client], { stable: claimedStable, flk: claimedFlk }),
      partly(vault, "exitOf", [client], { depositsCounted: counted }),
      view(vault, "deposited", [client], deposited),
      view(usd, "balanceOf", [client], MINTED - deposited + escaped + claimedStable - redirected.stable),
      view(usd, "balanceOf", [payee], redirected.stable),
      view(flk, "balanceOf", [client], claimedFlk - redirected.flk),
      view(flk, "balanceOf", [payee], redirected.flk),
    ];
  });
}

/** Which epochs passed since some, and what waits in none. */
export function epochViews({ settlement }: Contracts, { bridge }: Books): View[] {
  const { nextEpoch, epochs } = bridge;
  const [next, ahead] = [BigInt(nextEpoch), nextEpoch + 1];
  const past = [0, bridge.activeEpochs - 1, nextEpoch - 3, nextEpoch - 1, nextEpoch];
  return [
    refused(settlement, "pending", [next], "NotPending"),
    view(settlement, "nextEpoch", [], next),
    ...[...new Set(past)]
      .filter((epoch) => epoch >= 0)
      .flatMap((epoch) => {
        const age = [BigInt(epochs.age(epoch, nextEpoch)), BigInt(epochs.latest(epoch, nextEpoch))];
        const passed = BigInt(epochs.between(epoch, ahead));
        return [
          view(settlement, "ageOf", [BigInt(epoch)], age),
          view(settlement, "epochsBetween", [BigInt(epoch), BigInt(ahead)], passed),
        ];
      }),
  ];
}
