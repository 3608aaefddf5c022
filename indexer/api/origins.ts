import type { IncomingMessage } from "node:http";
import type { ApiSettings } from "./settings.ts";

/** Whom an answer may be read by: all, the page that asks, or (undefined) none of another origin. */
export function originFor(
  { corsOrigins }: Pick<ApiSettings, "corsOrigins">,
  origin: string | null | undefined,
): string | undefined {
  if (corsOrigins.includes("*")) return "*";
  return corsOrigins.find((each) => each === origin);
}

/** Over WebSocket no browser holds a page to what HTTP headers say, so it is refused here. Its own pages, and what is no page, may always. */
export function mayConnect(
  { headers }: IncomingMessage,
  settings: Pick<ApiSettings, "corsOrigins" | "trustProxy">,
): boolean {
  const { origin } = headers;
  if (origin === undefined || originFor(settings, origin) !== undefined) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  // the first proxy says what the browser asked for
  const forwarded = settings.trustProxy
    ? String(headers["x-forwarded-host"] ?? "")
        .split(",", 1)[0]
        ?.trim()
    : "";
  const asked = `${page.protocol}//${forwarded || headers.host}`;
  return URL.canParse(asked) && new URL(asked).host === page.host;
}
