import { exactAmount, FLK_DECIMALS, USD_DECIMALS, wholeNumber } from "./amount.ts";
import { duration } from "./time.ts";

/** A governed number as people read it, by what its name says of its unit; beside the number itself. */
export function readParameter(key: string, value: string): string | undefined {
  const number = BigInt(value);
  if (key.endsWith("Bps")) return `${exactAmount(number, 2)} %`;
  if (key.endsWith("Ms")) return duration(Number(number / 1000n));
  if (key === "maxLock" || key === "thawPeriod") return duration(Number(number));
  if (key === "minStake" || key === "maxSlashPerEpoch") return `${exactAmount(number, FLK_DECIMALS)} FLK`;
  if (key === "maxPrice") return `${exactAmount(number, USD_DECIMALS)} USD per 10⁹ units`;
  if (key === "minBalance") return `${exactAmount(number, USD_DECIMALS)} USD`;
  if (key === "treasury" || key === "buyback") return addressOf(number);
  return undefined;
}

/** Parameters that hold an address hold it as a number. */
export function addressOf(number: bigint): string {
  return `0x${number.toString(16).padStart(40, "0")}`;
}

export function plainNumber(key: string, value: string): string {
  return key === "treasury" || key === "buyback" ? value : wholeNumber(value);
}
