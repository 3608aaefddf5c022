import type { LaneStore, StoredLane, StoredReservation } from "./lane-store.ts";

/** What was signed, in `localStorage` or anything with its two methods, under the prefixes `flk/lane/` and `flk/reserve/`. */
export function localStorageLaneStore(storage: Pick<Storage, "getItem" | "setItem">): LaneStore {
  const load = <T>(name: string): Promise<T | undefined> => {
    const text = storage.getItem(name);
    return Promise.resolve(text === null ? undefined : (JSON.parse(text) as T));
  };
  const save = (name: string, state: unknown): Promise<void> => {
    storage.setItem(name, JSON.stringify(state));
    return Promise.resolve();
  };
  return {
    load: (lane) => load<StoredLane>(`flk/lane/${lane}`),
    save: (lane, state) => save(`flk/lane/${lane}`, state),
    loadReservation: (name) => load<StoredReservation>(`flk/reserve/${name}`),
    saveReservation: (name, state) => save(`flk/reserve/${name}`, state),
  };
}
