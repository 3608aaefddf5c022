import type { IncomingMessage } from "node:http";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { ApiSettings } from "./settings.ts";

/** Counts what each address asks for. */
export interface RateLimit {
  /** Seconds until the asker may ask again; undefined when it may now. */
  refuses(request: IncomingMessage): Promise<number | undefined>;
}

export function createRateLimit({ requestsPerMinute, trustProxy }: ApiSettings): RateLimit {
  if (requestsPerMinute === 0) return { refuses: async () => undefined };
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 });
  return {
    async refuses(request) {
      try {
        await limiter.consume(addressOf(request, trustProxy));
        return undefined;
      } catch (error) {
        if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
        throw error;
      }
    },
  };
}

function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = request.headers["x-forwarded-for"];
  const last = trustProxy ? [forwarded].flat().join(",").split(",").at(-1)?.trim() : undefined;
  return last || (request.socket.remoteAddress ?? "");
}
