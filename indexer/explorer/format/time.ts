/** Unix ms as "2026-11-30 14:05:09 UTC". */
export function exactTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** How long ago, or how soon: "now", "12 s ago", "in 3 min". */
export function relativeTime(ms: number, now: number): string {
  const away = Math.round((ms - now) / 1000);
  const length = duration(Math.abs(away));
  if (Math.abs(away) < 2) return "now";
  return away < 0 ? `${length} ago` : `in ${length}`;
}

/** Seconds in the two largest units: "45 s", "3 min 5 s", "23 h 4 min", "12 d 3 h". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [d, h, m, s] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (d > 0) return join(d, "d", h, "h");
  if (h > 0) return join(h, "h", m, "min");
  return m > 0 ? join(m, "min", s, "s") : `${s} s`;
}

function join(a: number, aName: string, b: number, bName: string): string {
  return b === 0 ? `${a} ${aName}` : `${a} ${aName} ${b} ${bName}`;
}
