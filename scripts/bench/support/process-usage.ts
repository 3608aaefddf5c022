import { readdir, readFile } from "node:fs/promises";

/** Of a process and all that it started, since they began. */
export interface ProcessUsage {
  cpuSeconds: number;
  /** the most that the process itself held at once */
  peakRssBytes: number;
}

/** /proc counts in these (USER_HZ of every Linux that Node runs on) */
const TICKS_PER_SECOND = 100;

interface Stat {
  pid: number;
  parent: number;
  /** its own, and of children that ended */
  ticks: number;
}

/** Reads /proc: undefined where there is none, or once the process has ended. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  if (status === undefined) return undefined;
  const stats = (await Promise.all((await readdir("/proc")).filter(isNumber).map(readStat))).filter(
    (stat) => stat !== undefined,
  );
  const family = new Set([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const stat of stats) if (family.has(stat.parent)) family.add(stat.pid);
  }
  const ticks = stats.reduce((sum, stat) => sum + (family.has(stat.pid) ? stat.ticks : 0), 0);
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
  return { cpuSeconds: ticks / TICKS_PER_SECOND, peakRssBytes: peak * 1024 };
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

async function readStat(name: string): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${name}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // the name of the program may hold anything: fields are counted from behind it
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  return {
    pid: Number(name),
    parent: Number(fields[1]),
    ticks: user + system + endedUser + endedSystem,
  };
}
