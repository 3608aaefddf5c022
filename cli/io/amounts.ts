import { formatUnits, getAddress, parseUnits, zeroAddress } from "viem";
import { MAX_U64 } from "#protocol/types/bigint.ts";
import { cliError } from "../errors.ts";

const STABLE_DECIMALS = 6;
const FLK_DECIMALS = 18;

function parseAmount(text: string, decimals: number): bigint {
  const match = /^(\d{1,30})(?:\.(\d+))?$/.exec(text);
  if (!match) throw cliError("ERR_AMOUNT", `not an amount: ${text}`, { text });
  if ((match[2]?.length ?? 0) > decimals) {
    throw cliError("ERR_AMOUNT", `${text} has more than ${decimals} decimals`, { text });
  }
  const amount = parseUnits(text, decimals);
  if (amount === 0n) throw cliError("ERR_AMOUNT", "the amount must be above zero", { text });
  return amount;
}

/** "12.5" → micro-USD, of which the chain counts 64 bits. @throws ERR_AMOUNT */
export function parseStable(text: string): bigint {
  const amount = parseAmount(text, STABLE_DECIMALS);
  if (amount > MAX_U64) throw cliError("ERR_AMOUNT", `${text} USD is more than there can be`, { text });
  return amount;
}

/** "12.5" → wei. @throws ERR_AMOUNT */
export function parseFlk(text: string): bigint {
  return parseAmount(text, FLK_DECIMALS);
}

/** As `parseStable`, and nothing is a price, too. @throws ERR_AMOUNT */
export function parsePrice(text: string): bigint {
  return /^0+(\.0+)?$/.test(text) ? 0n : parseStable(text);
}

export function formatStable(microUsd: bigint): string {
  return `${formatUnits(microUsd, STABLE_DECIMALS)} USD`;
}

export function formatFlk(wei: bigint): string {
  return `${formatUnits(wei, FLK_DECIMALS)} FLK`;
}

/** Unix seconds, for people. */
export function formatTime(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().replace(".000Z", "Z");
}

/** Hex of 32 bytes; `what` they should be, for people. @throws ERR_USAGE */
export function parseBytes32(text: string, what: string): `0x${string}` {
  if (!/^0x[0-9a-f]{64}$/i.test(text)) throw cliError("ERR_USAGE", `not ${what}: ${text}`);
  return text.toLowerCase() as `0x${string}`;
}

/** In one case, or with a checksum (EIP-55) that holds: what is sent to a mistyped address is lost. @throws ERR_ADDRESS */
export function parseAddress(text: string): `0x${string}` {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw cliError("ERR_ADDRESS", `not an address: ${text}`, { text });
  const address = text.toLowerCase() as `0x${string}`;
  if (address === zeroAddress) throw cliError("ERR_ADDRESS", "nobody has the address zero", { text });
  const mixed = text !== address && text.slice(2) !== text.slice(2).toUpperCase();
  if (mixed && text !== getAddress(address))
    throw cliError("ERR_ADDRESS", `the checksum of ${text} does not hold: a character is wrong`, { text });
  return address;
}
