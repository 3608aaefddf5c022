import { FlkError } from "#protocol/errors/error.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { SettlementCertificate } from "#protocol/types/settlement.ts";
import { hostOf } from "./host.ts";

/** Longest wait for one answer. */
const TIMEOUT_MS = 20_000;

/** Reads one node's JSON-RPC. Everything it returns is unverified. */
export interface NodeClient {
  /** height of the node's newest block, -1 before the first */
  head(signal: AbortSignal): Promise<number>;
  /** that the node is in */
  epoch(signal: AbortSignal): Promise<number>;
  /** undefined while the node has no certificate of it */
  block(height: number, signal: AbortSignal): Promise<CertifiedBlock | undefined>;
  settlement(epoch: number, signal: AbortSignal): Promise<SettlementCertificate | undefined>;
  /** SSZ bytes of the EpochReport, not decoded */
  report(epoch: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
}

/** Every method throws ERR_NODE_UNREACHABLE, ERR_NODE_RESPONSE or ERR_DECODE. */
export function createNodeClient(url: string): NodeClient {
  const host = hostOf(url);
  let nextId = 1;
  async function call(method: string, params: unknown[], signal: AbortSignal): Promise<unknown> {
    const id = nextId++;
    let body: unknown;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      body = await response.json();
    } catch (cause) {
      throw new FlkError(
        "ERR_NODE_UNREACHABLE",
        `the node at ${host} does not answer`,
        { method },
        { cause },
      );
    }
    if (!isRecord(body) || body.id !== id) {
      throw new FlkError("ERR_NODE_RESPONSE", `the node at ${host} does not speak JSON-RPC`, { method });
    }
    if (isRecord(body.error)) {
      throw new FlkError("ERR_NODE_RESPONSE", `the node refused ${method}: ${String(body.error.message)}`, {
        method,
      });
    }
    return body.result;
  }

  async function ssz(method: string, key: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const result = await call(method, [key], signal);
    if (result === null) return undefined;
    if (!isRecord(result) || typeof result.ssz !== "string") {
      throw new FlkError("ERR_NODE_RESPONSE", `the node's answer to ${method} has no ssz`, { method });
    }
    return fromHex(result.ssz);
  }

  return {
    async head(signal) {
      const info = await call("flk_get_epoch_info", [], signal);
      const height = isRecord(info) ? Number(info.height) : Number.NaN;
      if (!Number.isSafeInteger(height)) {
        throw new FlkError("ERR_NODE_RESPONSE", "the node's epoch info has no height", {
          method: "flk_get_epoch_info",
        });
      }
      return height;
    },
    async epoch(signal) {
      const epoch = await call("flk_get_epoch", [], signal);
      if (typeof epoch === "number" && Number.isSafeInteger(epoch)) return epoch;
      throw new FlkError("ERR_NODE_RESPONSE", "the node's epoch is no number", { method: "flk_get_epoch" });
    },
    async block(height, signal) {
      const bytes = await ssz("flk_get_block_ssz", height, signal);
      return bytes && decode(CertifiedBlock, bytes);
    },
    async settlement(epoch, signal) {
      const bytes = await ssz("flk_get_settlement_certificate", epoch, signal);
      return bytes && decode(SettlementCertificate, bytes);
    },
    report: (epoch, signal) => ssz("flk_get_epoch_report", epoch, signal),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
