import type { IncomingMessage } from "node:http";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { askerOf } from "./asker.ts";
import type { ApiSettings } from "./settings.ts";

/** Counts what each address, or network of IPv6, asks for. */
export interface RateLimit {
  /** Seconds until the asker may ask again; undefined when it may now. */
  refuses(request: IncomingMessage): Promise<number | undefined>;
}

export function createRateLimit(settings: ApiSettings): RateLimit {
  const { requestsPerMinute } = settings;
  if (requestsPerMinute === 0) return { refuses: async () => undefined };
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 });
  return {
    async refuses(request) {
      try {
        await limiter.consume(askerOf(request, settings));
        return undefined;
      } catch (error) {
        if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
        throw error;
      }
    },
  };
}
