import type { ServerResponse } from "node:http";
import type { OfferResponse, PricesResponse } from "#protocol/types/edge-http.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { edgeError } from "../errors.ts";
import { sendJson } from "../http.ts";
import type { EdgeContext } from "./context.ts";

/** GET /v1/prices: of the current epoch. */
export function getPrices(edge: EdgeContext, response: ServerResponse): void {
  const answer: PricesResponse = {
    epoch: edge.chain.head().epoch,
    services: edge.chain.services().map((s) => ({ service: s.serviceId, prices: s.prices.map(String) })),
  };
  sendJson(response, 200, answer);
}

/** GET /v1/offer, and /v1/offer/{hash} about a content. */
export async function getOffer(edge: EdgeContext, response: ServerResponse, hash: string): Promise<void> {
  const { load, minPrices } = edge.offer();
  const answer: OfferResponse = { node: edge.self, load, minPrices: minPrices.map(String) };
  if (hash) answer.holds = await edge.content.has(fromHex(`0x${hash}`, 32));
  sendJson(response, 200, answer);
}

/** GET /v1/epochs/{e}/report: SSZ bytes, whose keccak256 is the settled reportHash. */
export async function getReport(edge: EdgeContext, response: ServerResponse, epoch: number): Promise<void> {
  const report = Number.isSafeInteger(epoch) ? await edge.chain.report(epoch) : undefined;
  if (!report) throw edgeError("ERR_REPORT_NOT_FOUND", `epoch ${epoch} has not closed here`, { epoch });
  const bytes = EpochReport.serialize(report);
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length });
  response.end(bytes);
}

/** GET /health */
export function getHealth(edge: EdgeContext, response: ServerResponse): void {
  const { epoch, height } = edge.chain.head();
  const { sessions, transfers } = edge.delivery.status();
  sendJson(response, 200, { status: "ok", node: edge.self, epoch, height, sessions, transfers });
}
