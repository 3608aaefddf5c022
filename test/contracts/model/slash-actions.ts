import fc from "fast-check";
import { type Hex, numberToHex } from "viem";
import { consensusMessage, type Kind } from "#protocol/digests/consensus.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { type Action, action } from "./action.ts";
import { type Books, slashTerms } from "./books.ts";
import { signAll, signerOf } from "./keys.ts";
import { at, type Refusal } from "./ledger.ts";
import type { Network } from "./network.ts";
import { doer, nodeAction } from "./node-action.ts";
import { NOBODY } from "./registry-ledger.ts";
import type { Evidence, KeyName } from "./slash-ledger.ts";

const FLAWS = ["kind", "payload", "order", "signature", "key", "reporter"] as const;
const flaws = fc.oneof({ arbitrary: fc.constant("none" as const), weight: 12 }, fc.constantFrom(...FLAWS));
const keys = fc.array(fc.nat({ max: 99 }), { maxLength: 2 });
const ages = fc.oneof(
  { arbitrary: fc.integer({ min: -1, max: 6 }), weight: 2 },
  fc.constantFrom("before", "first", "last", "after"),
);

const shown = fc.record({
  flaw: flaws,
  kind: fc.integer({ min: 1, max: 4 }),
  /** epochs before the one that is posted next; or by when a key may act that was rotated, where there is one */
  age: ages,
  rotated: fc.nat({ max: 99 }),
  common: fc.array(fc.nat({ max: 99 }), { maxLength: 2 }),
  disjoint: fc.nat({ max: 15 }).map((dice) => dice === 0),
  a: keys,
  b: keys,
  payload: fc.nat({ max: 9 }),
});
type Shown = typeof shown extends fc.Arbitrary<infer T> ? T : never;

function keyNames({ registry }: Books): KeyName[] {
  return registry.nodes.flatMap(({ id, keys }) => keys.map((_, version) => ({ id, version })));
}

/** Ascending, each once. */
function ascending(names: KeyName[]): KeyName[] {
  const order = (one: KeyName): number => one.id * 1_000 + one.version;
  const sorted = [...names].sort((a, b) => order(a) - order(b));
  return sorted.filter((one, i) => i === 0 || order(one) !== order(at(sorted, i - 1)));
}

/** Whom the evidence is about: where it is about when a key may act, one that came or went, if any did. */
function suspect(books: Books, { age, rotated }: Shown): KeyName {
  const names = keyNames(books);
  const { registry } = books;
  const changed = names.filter(({ id, version }) =>
    age === "before" || age === "first" ? version > 0 : registry.get(id).keys.length > version + 1,
  );
  const some = typeof age === "number" || changed.length === 0 ? names : changed;
  return at(some, rotated % some.length);
}

function epochOf({ registry, bridge }: Books, age: Shown["age"], { id, version }: KeyName): number {
  if (typeof age === "number") return Math.max(0, bridge.nextEpoch - age);
  const { keys } = registry.get(id);
  const first = at(keys, version).fromEpoch;
  if (age === "before") return Math.max(0, first - 1);
  if (age === "first") return first;
  const replaced = keys[version + 1]?.fromEpoch ?? bridge.nextEpoch - 1;
  return age === "last" ? replaced + 1 : replaced + 2;
}

function evidenceOf(books: Books, { reporter }: Network, drawn: Shown): Evidence {
  const { flaw, payload } = drawn;
  const names = keyNames(books);
  const picked = (picks: number[]): KeyName[] => picks.map((pick) => at(names, pick % names.length));
  const main = suspect(books, drawn);
  const common = drawn.disjoint ? [] : [main, ...picked(drawn.common)];
  const signers: [KeyName[], KeyName[]] = [
    ascending(drawn.disjoint ? [main] : [...common, ...picked(drawn.a)]),
    ascending(drawn.disjoint ? picked([drawn.rotated + 1]) : [...common, ...picked(drawn.b)]),
  ];
  if (flaw === "order") signers[1].push(at(signers[1], 0));
  if (flaw === "key") signers[0].push({ id: books.registry.nodes.length + 1, version: 0 });
  const payloads: [Hex, Hex] = [numberToHex(payload, { size: 32 }), numberToHex(payload + 1, { size: 32 })];
  if (flaw === "payload") payloads[1] = payloads[0];
  return {
    kind: flaw === "kind" ? 5 * (payload % 2) : drawn.kind,
    epoch: epochOf(books, drawn.age, main),
    payloads,
    signers,
    signed: flaw !== "signature",
    reporter: flaw === "reporter" ? NOBODY : reporter,
  };
}

/** As the contract takes it, the round being 7. */
function encode({ kind, epoch, payloads, signers, signed }: Evidence, networkId: Uint8Array) {
  const messages = payloads.map((payload) =>
    consensusMessage(networkId, kind as Kind, epoch, 7n, fromHex(payload)),
  );
  const parts = signers.flatMap((names, i) =>
    names.map(({ id, version }) => ({
      publicKey: signerOf(id, version).publicKey,
      message: at(messages, i),
    })),
  );
  const ids = (names: KeyName[]) => names.map(({ id, version }) => (BigInt(id) << 32n) | BigInt(version));
  return {
    kind,
    epoch: BigInt(epoch),
    slot: 7n,
    payloadA: payloads[0],
    signersA: ids(signers[0]),
    payloadB: payloads[1],
    signersB: ids(signers[1]),
    signature: signAll(signed ? parts : [...parts, at(parts, 0)]),
  };
}

export const reports: fc.Arbitrary<Action> = shown.map((drawn) =>
  action(`slashEquivocation(${JSON.stringify(drawn)})`, (all, network) => {
    const evidence = evidenceOf(all, network, drawn);
    const args = [encode(evidence, all.bridge.networkId), evidence.reporter];
    const { contracts, outsider: from } = network;
    const books = () => all.slasher.slashEquivocation(evidence, slashTerms(all));
    return { from, call: { ...contracts.slasher, functionName: "slashEquivocation", args }, books };
  }),
);

/** Of those that are certified and not closed, then of all, then of an epoch that has none. */
const indices = fc.record({ index: fc.nat({ max: 7 }), any: fc.nat({ max: 7 }) });

function listedEpoch(
  { bridge, slasher }: Pick<Books, "bridge" | "slasher">,
  { index, any }: { index: number; any: number },
): number {
  const certified = [...bridge.certified.keys()];
  const open = certified.filter((epoch) => slasher.isOpen(epoch));
  const some = any < 6 && open.length > 0 ? open : certified;
  return (any === 7 ? undefined : some[index % some.length]) ?? bridge.nextEpoch;
}

export const applications: fc.Arbitrary<Action> = fc
  .tuple(indices, fc.nat({ max: 9 }))
  .map(([picked, other]) =>
    action(
      `slashListed(${JSON.stringify(picked)}${other === 0 ? ", another" : ""})`,
      (all, { contracts, outsider }) => {
        const epoch = listedEpoch(all, picked);
        const bytes =
          (other === 0 ? undefined : all.bridge.certified.get(epoch)?.bytes) ?? toHex(new Uint8Array(20));
        const args = [BigInt(epoch), bytes];
        const books = () => all.slasher.slashListed(epoch, bytes, slashTerms(all));
        return { from: outsider, call: { ...contracts.slasher, functionName: "slashListed", args }, books };
      },
    ),
  );

const decisions = fc.record({ picked: indices, release: fc.nat({ max: 2 }), stranger: fc.nat({ max: 9 }) });
export const listDecisions: fc.Arbitrary<Action> = decisions.map(({ picked, release, stranger }) => {
  const functionName = release > 0 ? "releaseSlashList" : "voidSlashList";
  return action(
    `${functionName}(${JSON.stringify(picked)}) by ${stranger === 0 ? "somebody" : "governance"}`,
    ({ bridge, slasher }, { contracts, governance, outsider }) => {
      const epoch = listedEpoch({ bridge, slasher }, picked);
      const books = (): Refusal => {
        if (stranger === 0) return "AccessManagedUnauthorized";
        return release > 0 ? slasher.release(epoch) : slasher.void(epoch);
      };
      const from = stranger === 0 ? outsider : governance;
      return { from, call: { ...contracts.slasher, functionName, args: [BigInt(epoch)] }, books };
    },
  );
});

/** Past the slasher, by whoever. */
export const directSlashes: fc.Arbitrary<Action> = doer("nobody", "owner").map((by) =>
  nodeAction("slash()", by, (_, { id }, { outsider }) => ({
    functionName: "slash",
    args: [id, 1n, outsider, 0n],
    books: () => "NotSlasher",
  })),
);
