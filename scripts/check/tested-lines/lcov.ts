/** Lines of one file that can run, and those of them that did. */
export interface FileLines {
  file: string;
  found: number;
  hit: number;
}

/** The files of an LCOV report, in the order of their names. */
export function parseLcov(text: string): FileLines[] {
  const files: FileLines[] = [];
  for (const record of text.split("end_of_record")) {
    const field = (name: string): string | undefined => new RegExp(`^${name}:(.+)$`, "m").exec(record)?.[1];
    const [file, found, hit] = [field("SF"), field("LF"), field("LH")];
    if (file) files.push({ file, found: Number(found), hit: Number(hit) });
  }
  return files.sort((a, b) => (a.file < b.file ? -1 : 1));
}

export function sumLines(files: FileLines[]): { found: number; hit: number } {
  const sum = { found: 0, hit: 0 };
  for (const { found, hit } of files) {
    sum.found += found;
    sum.hit += hit;
  }
  return sum;
}

/** Two decimals; 0 when there is no line: a part without lines was not measured. */
export function percent({ found, hit }: { found: number; hit: number }): number {
  return found === 0 ? 0 : Math.floor((hit * 10_000) / found) / 100;
}
