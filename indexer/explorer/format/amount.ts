/** micro-USD */
export const USD_DECIMALS = 6;
/** wei */
export const FLK_DECIMALS = 18;

/** "1234567" with 6 decimals → "1,234 567…": whole part grouped, exact, without zeros at the end but `least` of them. */
export function exactAmount(value: string | bigint, decimals: number, least = 0): string {
  const { sign, whole, fraction } = split(BigInt(value), decimals);
  const shown = fraction.replace(/0+$/, "").padEnd(least, "0");
  return `${sign}${group(whole)}${shown ? `.${shown}` : ""}`;
}

/** The same, cut (not rounded) to `most` decimals. `cut` says that something below is left out. */
export function shortAmount(
  value: string | bigint,
  decimals: number,
  most: number,
): { text: string; cut: boolean } {
  const { sign, whole, fraction } = split(BigInt(value), decimals);
  const kept = fraction.slice(0, most);
  const cut = /[1-9]/.test(fraction.slice(most));
  const shown = kept.replace(/0+$/, "");
  return { text: `${sign}${group(whole)}${shown ? `.${shown}` : ""}`, cut };
}

/** micro-USD, to the last one. */
export function usdText(value: string | bigint): string {
  return `${exactAmount(value, USD_DECIMALS, 2)} USD`;
}

/** "12.5" → 12500000n at 6 decimals. Undefined for anything but a decimal number above zero that fits. */
export function parseAmount(text: string, decimals: number): bigint | undefined {
  const match = /^(\d{1,30})(?:\.(\d+))?$/.exec(text.trim());
  if (!match || (match[2]?.length ?? 0) > decimals) return undefined;
  const amount = BigInt(`${match[1]}${(match[2] ?? "").padEnd(decimals, "0")}`);
  return amount > 0n ? amount : undefined;
}

const BYTE_NAMES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

/** Bytes to three digits or so: 1234567 → "1.23 MB". Computed in whole numbers, cut. */
export function shortBytes(value: string | bigint): string {
  let rest = BigInt(value) * 100n;
  let name = 0;
  while (rest >= 100_000n && name < BYTE_NAMES.length - 1) {
    rest /= 1000n;
    name++;
  }
  const { text } = shortAmount(rest, 2, name === 0 ? 0 : 2);
  return `${text} ${BYTE_NAMES[name]}`;
}

/** A whole number with its digits in groups. */
export function wholeNumber(value: string | number | bigint): string {
  const text = BigInt(value).toString();
  return text.startsWith("-") ? `-${group(text.slice(1))}` : group(text);
}

/** `part` of `whole`, 0 to 1000, for lengths on the screen only. */
export function perMille(part: bigint, whole: bigint): number {
  return whole <= 0n ? 0 : Number((part * 1000n) / whole);
}

function split(value: bigint, decimals: number): { sign: string; whole: string; fraction: string } {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const at = digits.length - decimals;
  return { sign: value < 0n ? "-" : "", whole: digits.slice(0, at), fraction: digits.slice(at) };
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}
