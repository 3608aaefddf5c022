import type { ContentStore, StoredContent } from "#node/edge/content-types.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { Samples } from "#node/reputation/samples.ts";
import { isFlkError } from "#protocol/errors/error.ts";

/** ms for which a list of what is held is good enough */
const LISTED_MS = 60_000;

/** What observers ask for and answer with: the contents of this node. */
export function contentSamples(content: ContentStore, clock: Clock): Samples {
  let listed: { at: number; contents: Promise<StoredContent[]> } | undefined;
  return {
    async pick(random) {
      if (!listed || clock.elapsed() - listed.at >= LISTED_MS) {
        listed = { at: clock.elapsed(), contents: content.list() };
        listed.contents.catch(() => {
          listed = undefined;
        });
      }
      const contents = (await listed.contents).filter(({ size }) => size > 0);
      return contents[Math.floor(random() * contents.length)];
    },
    async read(hash, offset, length) {
      try {
        const open = await content.open(hash, { start: offset, end: offset + length });
        try {
          return await open.read(open.start, open.end - open.start);
        } finally {
          await open.close();
        }
      } catch (error) {
        if (isFlkError(error, "ERR_CONTENT_NOT_FOUND") || isFlkError(error, "ERR_RANGE")) return undefined;
        throw error;
      }
    },
  };
}
