import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import {
  authorizeTopUp,
  type TopUpAuthorization,
  topUpWithAuthorization,
} from "#client/actions/top-up-with-authorization.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { cliError } from "../errors.ts";
import { formatStable, formatTime, parseAddress, parseStable } from "../io/amounts.ts";
import { bytesField, numberField, readFields } from "../io/json-file.ts";
import { createOutput } from "../io/output.ts";
import { personaOf } from "./persona.ts";

/** Signs a top-up that somebody else submits. @throws ERR_OUTPUT_FILE */
export async function signTopUp(
  usd: string,
  options: CommonOptions & { for?: string; hours: number; out: string },
): Promise<void> {
  const amount = parseStable(usd);
  const path = options.out;
  const beneficiary = options.for === undefined ? undefined : parseAddress(options.for);
  // before anything is signed
  if (existsSync(path)) throw cliError("ERR_OUTPUT_FILE", `${path} is there already`, { path });
  const { l2 } = await personaOf(options);
  const seconds = BigInt(options.hours) * 3_600n;
  const authorization = await authorizeTopUp(l2, { amount, beneficiary, seconds });
  const text = JSON.stringify(
    authorization,
    (_, value) => (typeof value === "bigint" ? String(value) : value),
    2,
  );
  await writeFile(path, `${text}\n`, { flag: "wx" }).catch((cause: unknown) => {
    throw cliError("ERR_OUTPUT_FILE", `${path} cannot be written as a new file`, { path }, cause);
  });
  createOutput(options).data({ ...authorization, file: path }, [
    `${path}: ${formatStable(amount)} for ${authorization.beneficiary}, good until ${formatTime(authorization.validBefore)}`,
  ]);
}

/** Submits what `signTopUp` wrote; the gas is this persona's. */
export async function submitTopUp(path: string, options: CommonOptions): Promise<void> {
  const authorization = await readAuthorization(path);
  const { l2 } = await personaOf(options);
  const { txHash } = await topUpWithAuthorization(l2, { authorization });
  const { amount, beneficiary } = authorization;
  createOutput(options).data({ amount, beneficiary, txHash }, [
    `${formatStable(amount)} for ${beneficiary} in ${txHash}`,
  ]);
}

/** @throws ERR_INPUT_FILE */
async function readAuthorization(path: string): Promise<TopUpAuthorization> {
  const fields = await readFields(path);
  return {
    from: bytesField(fields, "from", 20),
    beneficiary: bytesField(fields, "beneficiary", 20),
    amount: numberField(fields, "amount"),
    validAfter: numberField(fields, "validAfter"),
    validBefore: numberField(fields, "validBefore"),
    salt: bytesField(fields, "salt", 32),
    signature: bytesField(fields, "signature"),
  };
}
