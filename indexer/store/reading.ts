/** What a request reads through, so that it takes no more of the database than its share, and nothing once it is given up. */
export interface Share {
  /** Runs `fn` when one of the places is free. @throws when the share was given up before */
  run<T>(fn: () => Promise<T>): Promise<T>;
  /** Nothing that waits begins any more. */
  giveUp(): void;
}

export function createShare(places: number): Share {
  const waiting: (() => void)[] = [];
  let free = places;
  let over = false;
  return {
    async run(fn) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        if (over) throw new Error("the request was given up");
        return await fn();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    },
    giveUp() {
      over = true;
    },
  };
}
