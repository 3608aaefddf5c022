import type { Store } from "#node/interface/store.ts";
import { storeError } from "./errors.ts";

/**
 * A store whose first failure ends the node, whoever was using it: `onFailure` is called once, with that failure. Nothing is written
 * any more after it: what reached the disk is not known, so nothing that builds on it may leave.
 */
export function failStop(store: Store, onFailure: (error: unknown) => void): Store {
  let failed = false;
  const fail = (error: unknown): never => {
    if (!failed) {
      failed = true;
      onFailure(error);
    }
    throw error;
  };
  return {
    get: (namespace, key) => store.get(namespace, key).catch(fail),
    async write(batch) {
      if (failed) throw storeError("ERR_STORE", "an earlier use of the database failed");
      await store.write(batch).catch(fail);
    },
    async *iterate(namespace, range) {
      try {
        yield* store.iterate(namespace, range);
      } catch (error) {
        fail(error);
      }
    },
  };
}
