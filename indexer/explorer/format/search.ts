/** What a text that was searched for may name. */
export type Wanted = { kind: "place"; to: string } | { kind: "number"; number: number } | { kind: "nothing" };

const NAMED = { node: "nodes", epoch: "epochs", block: "blocks", settlement: "settlements" } as const;

/** "0x…" is an account or a transaction; "node 3" and "#3" are what they say; a number alone may be several things. */
export function readSearch(given: string): Wanted {
  const text = given.trim().toLowerCase();
  const hex = text.startsWith("0x") ? text.slice(2) : text;
  if (/^[0-9a-f]{40}$/.test(hex)) return { kind: "place", to: `/accounts/0x${hex}` };
  if (/^[0-9a-f]{64}$/.test(hex)) return { kind: "place", to: `/transactions/0x${hex}` };
  const named = /^(node|epoch|block|settlement)\s*#?\s*(\d{1,15})$/.exec(text);
  if (named) return { kind: "place", to: `/${NAMED[named[1] as keyof typeof NAMED]}/${named[2]}` };
  const number = /^#?(\d{1,15})$/.exec(text);
  return number ? { kind: "number", number: Number(number[1]) } : { kind: "nothing" };
}
