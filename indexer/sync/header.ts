import { BaseError, type Hex, type PublicClient } from "viem";
import { FlkError } from "#protocol/errors/error.ts";

/** Headers asked for at once. */
const HEADERS = 16;

export interface L2Header {
  number: number;
  hash: Hex;
  /** Unix ms */
  time: number;
  bloom: unknown;
}

/** Undefined when the provider does not have it. */
export async function readHeader(client: PublicClient, number: number): Promise<L2Header | undefined> {
  try {
    const block = await client.getBlock({ blockNumber: BigInt(number) });
    if (Number(block.number) !== number || !/^0x[0-9a-f]{64}$/i.test(block.hash ?? ""))
      throw new Error(`the answer is no block ${number}`);
    const time = Number(block.timestamp) * 1000;
    return { number, hash: block.hash, time, bloom: block.logsBloom };
  } catch (error) {
    if (error instanceof BaseError && error.name === "BlockNotFoundError") return undefined;
    throw error;
  }
}

/** In the order of `numbers`. @throws ERR_L2_UNREACHABLE for one that the provider does not have */
export async function readHeaders(client: PublicClient, numbers: readonly number[]): Promise<L2Header[]> {
  const headers: L2Header[] = [];
  for (let at = 0; at < numbers.length; at += HEADERS) {
    const part = numbers.slice(at, at + HEADERS).map(async (number) => {
      const header = await readHeader(client, number);
      if (header) return header;
      throw new FlkError("ERR_L2_UNREACHABLE", `the L2 lacks its block ${number}`, { block: number });
    });
    headers.push(...(await Promise.all(part)));
  }
  return headers;
}
