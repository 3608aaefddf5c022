/** Sections of a WebAssembly binary that declare what takes memory. */
const SECTION = { table: 4, memory: 5 } as const;
const HEADER_BYTES = 8;
/** Each is bounded in size by a flag of the process that runs it: so must be their number. */
const MAX_TABLES = 8;
const MAX_MEMORIES = 1;

/** An unsigned LEB128 of 32 bits; undefined when it is cut off or longer. */
function uint32At(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value < 2 ** 32 ? { value, end: at + i + 1 } : undefined;
  }
  return undefined;
}

/**
 * Whether the binary declares no more memories and tables than a sandbox can bound. What else is wrong with it is found when it
 * is compiled, in the sandbox.
 */
export function isBoundedModule(bytes: Uint8Array): boolean {
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const id = bytes[at];
    const size = uint32At(bytes, at + 1);
    if (!size || size.end + size.value > bytes.length) return false;
    const max = id === SECTION.memory ? MAX_MEMORIES : id === SECTION.table ? MAX_TABLES : undefined;
    if (max !== undefined) {
      const count = uint32At(bytes, size.end);
      if (!count || count.value > max) return false;
    }
    at = size.end + size.value;
  }
  return true;
}
