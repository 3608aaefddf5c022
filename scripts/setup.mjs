// Plain JavaScript for any Node >= 20: installs the dependencies under Node 24 when they are absent or stale, and builds the
// explorer when its sources have changed, and the files of a new embedded database once.
// Under an older Node npm would skip native packages whose `engines` ask for a newer one.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, "node_modules", ".flk-setup");

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `error ERR_NODE_VERSION: Node ${process.versions.node} is too old, flk needs Node 20 or newer`,
  );
  process.exit(1);
}

const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const present = existsSync(stamp) ? readFileSync(stamp, "utf8").trim() : "";
if (present !== wanted) install();
build("explorer");
const { version } = JSON.parse(
  readFileSync(join(root, "node_modules", "@electric-sql", "pglite", "package.json"), "utf8"),
);
if (!existsSync(join(root, "node_modules", `.flk-database-${version}`))) build("database");

function install() {
  const npm = process.env.npm_execpath;
  if (!npm) {
    console.error("error ERR_SETUP: run this through npm (npm start, npm test, npm run check)");
    process.exit(1);
  }
  console.error("flk: installing dependencies under Node 24 (once; about a minute) …");
  const env = { ...process.env, npm_config_fund: "false", npm_config_audit: "false" };
  // Not `npm ci`: it refuses a lock file without the platform packages that some registries do not carry.
  const job = [npm, "install", "--no-save"];
  const [command, args] = major >= 24 ? [process.execPath, job] : ["npx", ["-y", "node@24", ...job]];
  const result = spawnSync(command, args, { cwd: root, env, stdio: ["ignore", 2, 2] });
  if (result.status !== 0) {
    const reason = result.error?.message ?? `npm install ended with ${result.status ?? result.signal}`;
    console.error(`error ERR_SETUP: could not install the dependencies (${reason}); the lines above say why`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

function build(what) {
  const node = join(root, "node_modules", ".bin", "node");
  const args = [join(root, "scripts", what, "build.ts")];
  const result = spawnSync(major >= 24 ? process.execPath : node, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (result.status === 0) return;
  const reason = result.error?.message ?? `it ended with ${result.status ?? result.signal}`;
  console.error(`error ERR_SETUP: could not build the ${what} (${reason}); the lines above say why`);
  process.exit(1);
}
