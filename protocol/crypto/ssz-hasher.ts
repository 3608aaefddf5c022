import { setHasher } from "@chainsafe/persistent-merkle-tree";
import { hasher } from "@chainsafe/persistent-merkle-tree/hasher/hashtree";

/** The library's default hasher is several times slower; call once at the start of a process. */
export function useNativeSszHasher(): void {
  setHasher(hasher);
}
