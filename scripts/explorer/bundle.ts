import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, type Metafile, type PluginBuild } from "esbuild";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SOURCE = join(ROOT, "indexer", "explorer");
/** Where the API looks for the page (indexer/api/static.ts). */
export const OUT = join(SOURCE, "dist");
/** Packages that are WebAssembly or native, and what the page has in their place. */
const REPLACED: Record<string, string> = {
  "@chainsafe/as-sha256": "as-sha256.ts",
  "@chainsafe/bls": "bls.ts",
  "@chainsafe/bls/types": "bls.ts",
  "blake3-wasm": "blake3-wasm.ts",
};
/** All that the page may be made of; a change of any builds it afresh. */
const INPUTS = [
  "indexer/explorer/**/*.{ts,tsx,css,html,svg,json}",
  "client/**/*.ts",
  "protocol/**/*.ts",
  "scripts/explorer/**/*.ts",
  "package.json",
  "package-lock.json",
];

/**
 * Bundles the explorer into `OUT`, with names that carry the hash of what is in them, and compressed beside. Does nothing while
 * the sources are those that it was made of. Returns whether it was made.
 */
export async function buildExplorer(): Promise<boolean> {
  const wanted = fingerprint();
  const stamp = join(OUT, "stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  const fresh = `${OUT}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, "assets"), { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [join(SOURCE, "main.tsx"), join(SOURCE, "style", "main.css")],
    outdir: join(fresh, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    minify: true,
    legalComments: "none",
    metafile: true,
    inject: [join(ROOT, "scripts", "explorer", "replaced", "buffer.ts")],
    plugins: [{ name: "replaced", setup: replace }],
    logLevel: "warning",
    tsconfig: join(SOURCE, "tsconfig.json"),
  });
  writeFileSync(join(fresh, "index.html"), page(metafile));
  writeFileSync(join(fresh, "icon.svg"), readFileSync(join(SOURCE, "icon.svg")));
  compress(fresh);
  writeFileSync(join(fresh, "stamp"), wanted);
  rmSync(OUT, { recursive: true, force: true });
  renameSync(fresh, OUT);
  return true;
}

function replace(build: PluginBuild): void {
  build.onResolve({ filter: /^[@a-z]/ }, ({ path }) => {
    const file = REPLACED[path];
    return file === undefined ? undefined : { path: join(ROOT, "scripts", "explorer", "replaced", file) };
  });
}

function fingerprint(): string {
  const hash = createHash("sha256");
  const paths = globSync(INPUTS, { cwd: ROOT, exclude: ["indexer/explorer/dist*/**"] });
  for (const path of paths.sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** index.html with the names that the bundler chose. */
function page({ outputs }: Metafile): string {
  const named = (entry: string): string => {
    const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry);
    if (!found) throw new Error(`the bundle has no ${entry}`);
    return `/assets/${basename(found[0])}`;
  };
  return readFileSync(join(SOURCE, "index.html"), "utf8")
    .replace("main.css", named("indexer/explorer/style/main.css"))
    .replace("main.js", named("indexer/explorer/main.tsx"));
}

function compress(folder: string): void {
  for (const path of globSync("**/*", { cwd: folder, withFileTypes: true })) {
    if (!path.isFile() || ![".js", ".css", ".html", ".svg"].includes(extname(path.name))) continue;
    const file = join(path.parentPath, path.name);
    const bytes = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  }
}
