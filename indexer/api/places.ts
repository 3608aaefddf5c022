/** A number of places, of which one address (asker.ts) has some at most. */
export interface Places {
  /** Takes a place, and gives what leaves it again; undefined when there is none for the asker. */
  enter(asker: string): (() => void) | undefined;
}

export function createPlaces({ all, ofOne }: { all: number; ofOne: number }): Places {
  const taken = new Map<string, number>();
  let total = 0;
  return {
    enter(asker) {
      const own = taken.get(asker) ?? 0;
      if (own >= ofOne || total >= all) return undefined;
      taken.set(asker, own + 1);
      total++;
      return () => {
        const left = (taken.get(asker) ?? 0) - 1;
        if (left > 0) taken.set(asker, left);
        else taken.delete(asker);
        total--;
      };
    },
  };
}
