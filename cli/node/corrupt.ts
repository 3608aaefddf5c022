import type { ContentStore, OpenContent } from "#node/edge/content-types.ts";

/** A store that gives a part of what it holds with a wrong bit: how a network treats such a node is tried with it. */
export function corruptSome(content: ContentStore, percent: number, random: () => number): ContentStore {
  return {
    put: (source) => content.put(source),
    importFolder: (folder) => content.importFolder(folder),
    has: (hash) => content.has(hash),
    list: () => content.list(),
    async open(hash, range) {
      const open = await content.open(hash, range);
      return random() * 100 < percent ? spoiled(open) : open;
    },
  };
}

function spoiled(open: OpenContent): OpenContent {
  return {
    size: open.size,
    start: open.start,
    end: open.end,
    close: () => open.close(),
    async read(offset, length) {
      const bytes = await open.read(offset, length);
      if (offset === open.start && bytes.length > 0) bytes[0] = (bytes[0] as number) ^ 1;
      return bytes;
    },
  };
}
