import type { LaneStore, StoredLane } from "./lane-store.ts";

/** Lanes in `localStorage` or anything with its two methods, under the prefix `flk/lane/`. */
export function localStorageLaneStore(storage: Pick<Storage, "getItem" | "setItem">): LaneStore {
  return {
    load: (lane) => {
      const text = storage.getItem(`flk/lane/${lane}`);
      return Promise.resolve(text === null ? undefined : (JSON.parse(text) as StoredLane));
    },
    save: (lane, state) => {
      storage.setItem(`flk/lane/${lane}`, JSON.stringify(state));
      return Promise.resolve();
    },
  };
}
