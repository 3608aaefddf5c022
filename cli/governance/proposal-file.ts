import { readFile } from "node:fs/promises";
import { cliError } from "../errors.ts";
import type { WrittenCall } from "./calls.ts";

export interface ProposalFile {
  description: string | undefined;
  calls: WrittenCall[];
}

/**
 * {"description": "…", "calls": [{"call": "parameters.setMinStake", "args": ["2000"], "value": "0"}]}: description and
 * value may be left out.
 * @throws ERR_PROPOSAL_FILE
 */
export async function readProposalFile(path: string): Promise<ProposalFile> {
  const refuse = (what: string, cause?: unknown): Error =>
    cliError("ERR_PROPOSAL_FILE", `${path}: ${what}`, { path }, cause);
  let file: unknown;
  try {
    file = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw refuse("cannot be read as JSON", cause);
  }
  const { description, calls } = object(file);
  if (description !== undefined && typeof description !== "string")
    throw refuse("description must be a text");
  if (!Array.isArray(calls) || calls.length === 0) throw refuse("calls must be a list with an entry");
  return {
    description,
    calls: calls.map((entry, i) => {
      const { call, args = [], value = "0" } = object(entry);
      if (typeof call !== "string") throw refuse(`calls[${i}].call must be a text`);
      if (!Array.isArray(args)) throw refuse(`calls[${i}].args must be a list`);
      if (typeof value !== "string" || !/^\d{1,78}$/.test(value)) {
        throw refuse(`calls[${i}].value must be a decimal string, in wei`);
      }
      return { call, args, value: BigInt(value) };
    }),
  };
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
