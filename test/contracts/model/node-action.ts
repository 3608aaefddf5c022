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

export function idOf({ registry }: Books, pick: number): number {
  const nodes = registry.nodes.length;
  return (pick === UNKNOWN ? nodes : pick % nodes) + 1;
}

/** Without an operator it is one that could be. */
function accountOf({ registry }: Books, network: Network, id: number, role: Role): Hex {
  const known = registry.find(id);
  const [owner, another] = [at(network.owners, 0), at(network.owners, 1)];
  if (role === "owner") return known?.owner ?? owner;
  if (role === "another") return known?.owner === owner ? another : owner;
  if (role === "nobody") return network.outsider;
  return known && known.operator !== NOBODY ? known.operator : at(network.operators, 0);
}

interface Told {
  functionName: string;
  args: readonly unknown[];
  books: () => Refusal;
}

/** A call of the staking contract about a node. */
export function nodeAction(
  name: string,
  { pick, role }: Doer,
  tell: (books: Books, by: { id: number; from: Hex }, network: Network) => Told,
  waits: (books: Books, id: number) => number = () => 0,
): Action {
  let told: Told;
  return action(`${name} of ${pick} by ${role}`, {
    waits: (books) => waits(books, idOf(books, pick)),
    call: (books, network) => {
      const id = idOf(books, pick);
      const from = accountOf(books, network, id, role);
      told = tell(books, { id, from }, network);
      const { functionName, args } = told;
      return { from, call: { ...network.contracts.staking, functionName, args } };
    },
    books: () => told.books(),
  });
}
