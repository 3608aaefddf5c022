import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Columns of /proc/net/tcp. */
const LOCAL = 1;
const REMOTE = 2;
const INODE = 9;

/**
 * Which of `processes` (pid to name) has the socket that is connected from port `from` to port `to` of loopback. All nodes have the
 * same addresses of each other, so the kernel alone knows who came by one.
 */
export function dialler(
  from: number,
  to: number,
  processes: ReadonlyMap<number, string>,
): string | undefined {
  const inode = inodeOf(from, to);
  if (inode === undefined) return undefined;
  for (const [pid, name] of processes) if (sockets(pid).has(inode)) return name;
  return undefined;
}

function inodeOf(from: number, to: number): string | undefined {
  const ends = [suffix(from), suffix(to)] as const;
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n")) {
    const columns = line.trim().split(/\s+/);
    if (columns[LOCAL]?.endsWith(ends[0]) && columns[REMOTE]?.endsWith(ends[1])) return columns[INODE];
  }
  return undefined;
}

function suffix(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

function sockets(pid: number): Set<string> {
  const found = new Set<string>();
  for (const fd of entries(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${fd}`))?.[1];
    if (inode !== undefined) found.add(inode);
  }
  return found;
}

// a process may be gone, and a file closed, while we look
function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
