/** What can run, and how much of it did. */
export interface Share {
  found: number;
  hit: number;
}

/** Lines of one file. */
export interface FileLines extends Share {
  file: string;
  /** ways that its conditions can go, where they are known */
  branches?: Share;
  /** lines, and branches of them, that did not run, where they are known */
  missed?: { line: number; what: string }[];
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

export function sumLines(files: Share[]): Share {
  const sum = { found: 0, hit: 0 };
  for (const { found, hit } of files) {
    sum.found += found;
    sum.hit += hit;
  }
  return sum;
}

/** Two decimals; 0 when there is no line: a part without lines was not measured. */
export function percent({ found, hit }: Share): number {
  return found === 0 ? 0 : Math.floor((hit * 10_000) / found) / 100;
}
