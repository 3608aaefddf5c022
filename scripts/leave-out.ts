/** `files` without those of `named`, each of which must be one of them: a name that is left behind would hide the next file that takes it. @throws Error */
export function leaveOut(files: readonly string[], named: readonly string[]): string[] {
  const unknown = named.filter((name) => !files.includes(name));
  if (unknown.length > 0) throw new Error(`no such test file: ${unknown.join(", ")}`);
  return files.filter((file) => !named.includes(file));
}
