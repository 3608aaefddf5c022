import fc from "fast-check";
import { keccak256, toHex } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import { type Action, action } from "./action.ts";
import type { Books } from "./books.ts";
import { provenKey, signerOf } from "./keys.ts";
import { at, type Refusal } from "./ledger.ts";
import type { Network } from "./network.ts";
import { doer, nodeAction } from "./node-action.ts";
import { NO_NETWORK_KEY, NOBODY, type ProvenKey } from "./registry-ledger.ts";

const MAX_NODES = 6;
const newKeys = fc.constantFrom("new", "new", "new", "new", "used", "of another");

/** The next key of node `id`; used before; or proven for somebody else than `owner`. */
function keyOf(
  network: Network,
  owner: Hex,
  kind: string,
  next: { id: number; version: number },
): { key: ProvenKey; bytes: [Hex, Hex] } {
  const signer = kind === "used" ? signerOf(1, 0) : signerOf(next.id, next.version);
  const holder = kind === "of another" ? network.outsider : owner;
  const bytes = provenKey(network.l2.deployment.networkId, signer, holder);
  return { key: { signer, valid: kind !== "of another" }, bytes };
}

const networkKeys = fc.oneof(
  {
    arbitrary: fc.nat({ max: 1_000_000 }).map((number) => keccak256(toHex(`network key ${number}`))),
    weight: 6,
  },
  fc.constantFrom("the first", NO_NETWORK_KEY),
);

/** Also one that is in use. */
function networkKeyOf({ registry }: Books, drawn: string): Hex {
  return drawn === "the first" ? registry.get(1).networkKey : (drawn as Hex);
}

const texts = fc.constantFrom(
  "/dns4/a/tcp/1",
  "/dns4/a/tcp/1",
  "",
  "a b",
  "é",
  "a".repeat(512),
  "a".repeat(513),
);

/** A committee that waits names a version of its key that is not there yet. */
export function isAwaited({ bridge, registry }: Books, id: number): boolean {
  const { keys } = registry.get(id);
  return bridge.pending.some(({ next }) =>
    next?.members.some(({ nodeId, keyVersion }) => nodeId === id && keyVersion >= keys.length),
  );
}

const rotation = fc.record({ by: doer("owner", "operator"), kind: newKeys });

const rotate = (awaited: boolean): fc.Arbitrary<Action> =>
  rotation.map(({ by, kind }) =>
    nodeAction(
      `rotateKeys(${kind}${awaited ? ", awaited" : ""})`,
      by,
      ({ registry, bridge }, { id, from }, network) => {
        const known = registry.find(id);
        const next = { id, version: known?.keys.length ?? 0 };
        const { key, bytes } = keyOf(network, known?.owner ?? from, kind, next);
        const books = () => registry.rotateKeys(id, from, key, bridge.nextEpoch);
        return { functionName: "rotateKeys", args: [id, ...bytes], books };
      },
      { among: (books, id) => !awaited || isAwaited(books, id) },
    ),
  );

export const rotations: fc.Arbitrary<Action> = rotate(false);
export const awaitedRotations: fc.Arbitrary<Action> = rotate(true);

export const networkRotations: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "operator"), drawn: networkKeys })
  .map(({ by, drawn }) =>
    nodeAction(`rotateNetworkKey(${drawn})`, by, (all, { id, from }) => {
      const key = networkKeyOf(all, drawn);
      const books = () => all.registry.rotateNetworkKey(id, from, key);
      return { functionName: "rotateNetworkKey", args: [id, key], books };
    }),
  );

export const announcements: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "operator"), text: texts })
  .map(({ by, text }) =>
    nodeAction(`setEndpoints(${text.slice(0, 9)} ${text.length})`, by, ({ registry }, { id, from }) => ({
      functionName: "setEndpoints",
      args: [id, text],
      books: () => registry.setEndpoints(id, from, text),
    })),
  );

export const participations: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "operator"), optedIn: fc.boolean() })
  .map(({ by, optedIn }) =>
    nodeAction(`setParticipation(${optedIn})`, by, ({ registry }, { id, from }) => ({
      functionName: "setParticipation",
      args: [id, optedIn],
      books: () => registry.setParticipation(id, from, optedIn),
    })),
  );

const NO_OPERATOR = 2;
export const operators: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "owner", "operator"), index: fc.nat({ max: NO_OPERATOR }) })
  .map(({ by, index }) =>
    nodeAction(`setOperator(${index})`, by, ({ registry }, { id, from }, network) => {
      const operator = index === NO_OPERATOR ? NOBODY : at(network.operators, index);
      const books = () => registry.setOperator(id, from, operator);
      return { functionName: "setOperator", args: [id, operator], books };
    }),
  );

export const nodePayees: fc.Arbitrary<Action> = fc
  .record({ by: doer("owner", "owner", "operator"), index: fc.nat({ max: 2 }) })
  .map(({ by, index }) =>
    nodeAction(`setPayee(${index})`, by, ({ registry }, { id, from }, network) => {
      const payee = index === 0 ? NOBODY : at(network.payees, index);
      const books = () => registry.setPayee(id, from, payee);
      return { functionName: "setPayee", args: [id, payee], books };
    }),
  );

const registration = fc.record({ owner: fc.nat({ max: 2 }), kind: newKeys, drawn: networkKeys, text: texts });

/** Of the next node, without stake. */
export const registrations: fc.Arbitrary<Action> = registration.map(({ owner, kind, drawn, text }) =>
  action(
    `register(${owner}, ${kind}, ${drawn}, ${text.slice(0, 9)} ${text.length})`,
    (all, network) => {
      const { registry, staking, bridge } = all;
      const from = at(network.owners, owner);
      const { key, bytes } = keyOf(network, from, kind, { id: registry.nodes.length + 1, version: 0 });
      const networkKey = networkKeyOf(all, drawn);
      const books = (): Refusal => {
        if (bridge.now < staking.pausedUntil) return "IsPaused";
        const refusal = registry.register(from, key, networkKey, text, bridge.nextEpoch);
        if (!refusal) staking.add();
        return refusal;
      };
      const args = [...bytes, networkKey, text];
      return { from, call: { ...network.contracts.staking, functionName: "register", args }, books };
    },
    { when: ({ registry }) => registry.nodes.length < MAX_NODES },
  ),
);

const pause = fc.record({ guardian: fc.boolean(), duration: fc.constantFrom(0, 2, 2, 5, 1_300_000) });
export const pauses: fc.Arbitrary<Action> = pause.map(({ guardian, duration }) =>
  action(
    `pauseFor(${duration}) by ${guardian ? "the guardian" : "somebody"}`,
    ({ staking, bridge }, { contracts, l2, outsider }) => ({
      from: guardian ? l2.deployment.guardian : outsider,
      call: { ...contracts.staking, functionName: "pauseFor", args: [duration] },
      books: () => (guardian ? staking.pauseFor(duration, bridge.now) : "AccessManagedUnauthorized"),
    }),
  ),
);

export const unpauses: fc.Arbitrary<Action> = fc.constant(
  action("unpause()", ({ staking, bridge }, { contracts, governance }) => ({
    from: governance,
    call: { ...contracts.staking, functionName: "unpause", args: [] },
    books: () => staking.unpause(bridge.now),
  })),
);
