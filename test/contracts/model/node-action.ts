import fc from "fast-check";
import type { Hex } from "#protocol/types/hex.ts";
import { type Action, action } from "./action.ts";
import type { Books } from "./books.ts";
import { at, type Refusal } from "./ledger.ts";
import type { Network } from "./network.ts";
import { NOBODY } from "./registry-ledger.ts";

const ROLES = ["owner", "operator", "another", "nobody"] as const;
export type Role = (typeof ROLES)[number];

/** Who does it to which node. */
export interface Doer {
  pick: number;
  role: Role;
}

const UNKNOWN = 15;

/** As `usual`, and now and then as somebody who may or may not; of all nodes, and of one that does not exist. */
export function doer(...usual: Role[]): fc.Arbitrary<Doer> {
  const usually = { arbitrary: fc.constantFrom(...usual), weight: 7 };
  return fc.record({
    pick: fc.nat({ max: UNKNOWN }),
    role: fc.oneof(usually, fc.constantFrom(...ROLES)),
  });
}

type Among = (books: Books, id: number) => boolean;

function idOf(books: Books, pick: number, among: Among): number {
  const ids = books.registry.nodes.map(({ id }) => id);
  if (pick === UNKNOWN) return ids.length + 1;
  const some = ids.filter((id) => among(books, id));
  const picked = some.length > 0 ? some : ids;
  return at(picked, pick % picked.length);
}

/** While no operator is named, the owner does what one may; nobody is one that was named or could be. */
function accountOf({ registry }: Books, { owners, operators }: Network, id: number, role: Role): Hex {
  const { owner, operator } = registry.find(id) ?? { owner: at(owners, 0), operator: NOBODY };
  const others = (accounts: Hex[], one: Hex): Hex => accounts.find((account) => account !== one) ?? one;
  if (role === "another") return others(owners, owner);
  if (role === "nobody") return others(operators, operator);
  return role === "owner" || operator === NOBODY ? owner : operator;
}

interface Told {
  functionName: string;
  args: readonly unknown[];
  books: () => Refusal;
}

interface Aim {
  /** which nodes it is usually about */
  among?: Among;
  /** Unix seconds that it waits for, when later than now */
  waits?: (books: Books, id: number) => number;
}

/** A call of the staking contract about a node. */
export function nodeAction(
  name: string,
  { pick, role }: Doer,
  tell: (books: Books, by: { id: number; from: Hex }, network: Network) => Told,
  { among = () => true, waits = () => 0 }: Aim = {},
): Action {
  return action(
    `${name} of ${pick} by ${role}`,
    (books, network) => {
      const id = idOf(books, pick, among);
      const from = accountOf(books, network, id, role);
      const { functionName, args, books: change } = tell(books, { id, from }, network);
      return { from, call: { ...network.contracts.staking, functionName, args }, books: change };
    },
    { waits: (books) => waits(books, idOf(books, pick, among)) },
  );
}
