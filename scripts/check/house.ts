import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Rules that no linter knows: file length, doc links, nothing of this machine in the tree. */
const MAX_LINES = 400;
const GENERATED = ["protocol/abi/", "test/vectors/", "client/queries/generated.ts"];
const tree = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
}).split("\n");
const files = tree.filter(
  (path) => /\.(ts|tsx|mjs|js|css|html|sol|md|json|yml|svg)$/.test(path) && path !== "package-lock.json",
);

const problems: string[] = [];
for (const path of files) {
  const text = readFileSync(path, "utf8");
  const generated = GENERATED.some((place) => path.startsWith(place));
  const lines = text.split("\n").length;
  if (/\.(ts|tsx|sol)$/.test(path) && !generated && lines > MAX_LINES + 1) {
    problems.push(`${path}: ${lines} lines; one concept per file, at most ${MAX_LINES}`);
  }
  for (const [i, line] of text.split("\n").entries()) {
    if (/\b(TODO|FIXME|XXX)\b/.test(line) && path !== "scripts/check/house.ts") {
      problems.push(`${path}:${i + 1}: open an issue instead of leaving a note in the code`);
    }
    if (/\/work\/|\/root\/|\/home\/[a-z]/.test(line) && path !== "scripts/check/house.ts") {
      problems.push(`${path}:${i + 1}: a path of one machine`);
    }
  }
  if (path.endsWith(".md")) problems.push(...brokenLinks(path, text));
}

function brokenLinks(path: string, text: string): string[] {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
  const known = new Set(tree);
  const broken: string[] = [];
  for (const [, target] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
    if (!target) continue;
    const resolved = new URL(target, `file:///${folder === "." ? "" : `${folder}/`}`).pathname.slice(1);
    const exists = known.has(resolved) || tree.some((file) => file.startsWith(resolved.replace(/\/?$/, "/")));
    if (!exists) broken.push(`${path}: links to ${target}, which is not there`);
  }
  return broken;
}

for (const problem of problems) console.error(problem);
console.log(`${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
