/** Rows for people: columns under a heading on a terminal, tab-separated lines without one in a pipe. */
export function table(heading: string[], rows: string[][], isTTY: boolean = process.stdout.isTTY): string[] {
  if (!isTTY) return rows.map((row) => row.join("\t"));
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
