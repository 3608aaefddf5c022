import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `scripts/explorer` puts the page. */
const BUILT = join(dirname(dirname(fileURLToPath(import.meta.url))), "explorer", "dist");

/** First parts of addresses that the page shows by itself: its router knows what is behind them. */
const PAGES = new Set([
  "",
  "nodes",
  "accounts",
  "epochs",
  "settlements",
  "blocks",
  "parameters",
  "proposals",
  "transactions",
  "search",
]);

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Nothing from elsewhere, nothing inline, nothing that makes markup out of text; wallets bring their icons as data. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const SECURITY_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

interface Asset {
  type: string;
  etag: string;
  /** its name carries the hash of what is in it */
  immutable: boolean;
  plain: Buffer;
  br: Buffer | undefined;
  gzip: Buffer | undefined;
}

/** The explorer's files, from memory. */
export interface StaticFiles {
  /** Whether the page was built where this process runs. */
  readonly built: boolean;
  /** Answers a GET or HEAD of the page or of what it is made of; false when the path is none of its. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

/** Reads what was built once: an update is a new process. */
export function createStaticFiles(folder = BUILT): StaticFiles {
  const assets = existsSync(join(folder, "index.html")) ? readAssets(folder) : new Map<string, Asset>();
  const built = assets.size > 0;
  return {
    built,
    serve(request, response, path) {
      if (request.method !== "GET" && request.method !== "HEAD") return false;
      const isPage = PAGES.has(path.split("/")[1] ?? "");
      const asset = assets.get(isPage ? "/index.html" : path);
      if (asset) sendAsset(request, response, asset);
      else if (isPage && !built) {
        const text = "The explorer is not built here: npm run build:explorer. GraphQL is at /graphql.\n";
        response.writeHead(503, { "content-type": "text/plain; charset=utf-8" }).end(text);
      } else return false;
      return true;
    },
  };
}

function readAssets(folder: string): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const name of globSync("**/*", { cwd: folder })) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const read = (suffix: string): Buffer | undefined => {
      const file = join(folder, name + suffix);
      return existsSync(file) ? readFileSync(file) : undefined;
    };
    const plain = readFileSync(join(folder, name));
    const path = `/${name.split(sep).join("/")}`;
    assets.set(path, {
      type,
      etag: createHash("sha256").update(plain).digest("base64url").slice(0, 22),
      immutable: path.startsWith("/assets/"),
      plain,
      br: read(".br"),
      gzip: read(".gz"),
    });
  }
  return assets;
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const accepted = String(request.headers["accept-encoding"] ?? "");
  const encoding = (["br", "gzip"] as const).find((name) => asset[name] && accepts(accepted, name));
  // the weak tag names what is meant, in whichever encoding
  const etag = `W/"${asset.etag}"`;
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    "cache-control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
    vary: "accept-encoding, origin",
  };
  if (request.headers["if-none-match"]?.split(/,\s*/).includes(etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = (encoding && asset[encoding]) ?? asset.plain;
  if (encoding) headers["content-encoding"] = encoding;
  headers["content-type"] = asset.type;
  headers["content-length"] = String(body.length);
  response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : body);
}

function accepts(header: string, encoding: string): boolean {
  return header.split(",").some((part) => {
    const [name, ...parameters] = part.trim().split(/\s*;\s*/);
    return name?.toLowerCase() === encoding && !parameters.some((text) => /^q=0(\.0*)?$/.test(text));
  });
}
