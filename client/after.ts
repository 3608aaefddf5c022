/** ms: a longer timer fires at once */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls back after `ms`, however many or Infinity, unless what it returns is called before. */
export function after(ms: number, callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number): void => {
    timer =
      left > LONGEST_MS ? setTimeout(() => wait(left - LONGEST_MS), LONGEST_MS) : setTimeout(callback, left);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
