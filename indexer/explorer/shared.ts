import { useEffect, useState } from "preact/hooks";

/** A value that is of no component: those that use it are drawn again when it changes. */
export interface Shared<T> {
  readonly value: T;
  set(value: T): void;
  /** Returns what ends it. */
  watch(watcher: (value: T) => void): () => void;
}

export function shared<T>(first: T): Shared<T> {
  let value = first;
  const watchers = new Set<(value: T) => void>();
  return {
    get value() {
      return value;
    },
    set(next) {
      value = next;
      for (const watcher of [...watchers]) watcher(next);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

export function useShared<T>(of: Shared<T>): T {
  const [value, setValue] = useState(of.value);
  useEffect(() => {
    // what a component below did when it was first shown may have changed it by now
    setValue(of.value);
    return of.watch(setValue);
  }, [of]);
  return value;
}
