import { hashInto, zeroHash } from "@chainsafe/persistent-merkle-tree";

const NODE_BYTES = 32;
/** 32-bit words of two siblings */
const PAIR_WORDS = 16;
/** pairs hashed in one call: what is copied for it stays in the processor's cache */
const PAIRS = 1024;
const FIRST_CAPACITY = 64;

interface Level {
  bytes: Uint8Array;
  /** the same memory */
  words: Uint32Array;
}

const pairs = new Uint32Array(PAIRS * PAIR_WORDS);
const pairBytes = new Uint8Array(pairs.buffer);
const parents = new Uint8Array(PAIRS * NODE_BYTES);

/**
 * The root of an SSZ `List[Bytes32, limit]`, kept up to date. The nodes of each level lie in one buffer, the zero hash of the level
 * where there is none yet; a change hashes the paths above it, many nodes in one call.
 */
export class RootList {
  readonly #depth: number;
  /** from the leaves up; the last one has one node */
  #levels: Level[] = [];
  #length = 0;
  #root: Uint8Array | undefined;

  constructor(limit: number) {
    this.#depth = Math.ceil(Math.log2(limit));
  }

  clear(): void {
    this.#levels = [];
    this.#length = 0;
    this.#root = undefined;
  }

  /** `indexes`: ascending, each once, leaving out none above the length; `roots`: 32 bytes for each. */
  update(indexes: readonly number[], roots: Uint8Array): void {
    const last = indexes.at(-1);
    if (last === undefined) return;
    this.#length = Math.max(this.#length, last + 1);
    this.#grow();
    const leaves = this.#levels[0] as Level;
    for (let at = 0; at < indexes.length; at++) {
      const root = roots.subarray(at * NODE_BYTES, (at + 1) * NODE_BYTES);
      leaves.bytes.set(root, (indexes[at] as number) * NODE_BYTES);
    }
    let changed = indexes;
    for (let height = 1; height < this.#levels.length; height++) {
      changed = parentsOf(changed);
      hashLevel(this.#levels[height - 1] as Level, this.#levels[height] as Level, changed);
    }
    this.#root = undefined;
  }

  root(): Uint8Array {
    this.#root ??= this.#computeRoot();
    return this.#root;
  }

  #computeRoot(): Uint8Array {
    const pair = new Uint8Array(2 * NODE_BYTES);
    const node = (this.#levels.at(-1)?.bytes ?? zeroHash(0)).slice();
    for (let height = Math.max(0, this.#levels.length - 1); height < this.#depth; height++) {
      pair.set(node, 0);
      pair.set(zeroHash(height), NODE_BYTES);
      hashInto(pair, node);
    }
    pair.fill(0).set(node, 0);
    new DataView(pair.buffer).setBigUint64(NODE_BYTES, BigInt(this.#length), true);
    hashInto(pair, node);
    return node;
  }

  /** Room for all leaves. What is new above old nodes is on the path of a new leaf, and hashed with it. */
  #grow(): void {
    const old = this.#levels[0];
    let capacity = old ? old.bytes.length / NODE_BYTES : Math.min(FIRST_CAPACITY, 2 ** this.#depth);
    if (old && capacity >= this.#length) return;
    while (capacity < this.#length) capacity *= 2;
    for (let height = 0, nodes = capacity; nodes >= 1; height++, nodes /= 2) {
      this.#levels[height] = makeLevel(height, nodes, this.#levels[height]);
    }
  }
}

function makeLevel(height: number, nodes: number, old: Level | undefined): Level {
  const bytes = new Uint8Array(nodes * NODE_BYTES);
  const start = old?.bytes.length ?? 0;
  if (old) bytes.set(old.bytes);
  if (start < bytes.length) {
    bytes.set(zeroHash(height), start);
    for (let filled = NODE_BYTES; start + filled < bytes.length; filled *= 2) {
      bytes.copyWithin(start + filled, start, start + Math.min(filled, bytes.length - start - filled));
    }
  }
  return { bytes, words: new Uint32Array(bytes.buffer) };
}

function parentsOf(indexes: readonly number[]): number[] {
  const places: number[] = [];
  let last = -1;
  for (const index of indexes) {
    const place = Math.floor(index / 2);
    if (place === last) continue;
    places.push(place);
    last = place;
  }
  return places;
}

/** Computes the nodes of `level` at `places` from their children. */
function hashLevel(children: Level, level: Level, places: readonly number[]): void {
  for (let from = 0; from < places.length; from += PAIRS) {
    const count = Math.min(PAIRS, places.length - from);
    for (let at = 0; at < count; at++) {
      const source = (places[from + at] as number) * PAIR_WORDS;
      const target = at * PAIR_WORDS;
      for (let word = 0; word < PAIR_WORDS; word++) {
        pairs[target + word] = children.words[source + word] as number;
      }
    }
    hashInto(pairBytes.subarray(0, 4 * count * PAIR_WORDS), parents.subarray(0, count * NODE_BYTES));
    for (let at = 0; at < count; at++) {
      const parent = parents.subarray(at * NODE_BYTES, (at + 1) * NODE_BYTES);
      level.bytes.set(parent, (places[from + at] as number) * NODE_BYTES);
    }
  }
}
