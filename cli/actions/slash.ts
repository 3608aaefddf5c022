import { type Evidence, slashEquivocation } from "#client/actions/slash-equivocation.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { requireContract } from "../governance/contracts.ts";
import { formatFlk } from "../io/amounts.ts";
import { bytesField, numberField, numbersField, readFields } from "../io/json-file.ts";
import { createOutput } from "../io/output.ts";
import { personaOf } from "./persona.ts";

/** Shows the L2 that nodes signed two payloads for one slot. @throws ERR_INPUT_FILE, ERR_L2_REVERTED */
export async function slash(path: string, options: CommonOptions): Promise<void> {
  const evidence = await readEvidence(path);
  const { l2, config } = await personaOf(options);
  requireContract(config.l2.contracts, "slasher");
  const { slashed, txHash } = await slashEquivocation(l2, { evidence });
  createOutput(options).data({ slashed, txHash }, [`${formatFlk(slashed)} slashed in ${txHash}`]);
}

async function readEvidence(path: string): Promise<Evidence> {
  const fields = await readFields(path);
  return {
    kind: Number(numberField(fields, "kind")),
    epoch: numberField(fields, "epoch"),
    slot: numberField(fields, "slot"),
    payloadA: bytesField(fields, "payloadA", 32),
    signersA: numbersField(fields, "signersA"),
    payloadB: bytesField(fields, "payloadB", 32),
    signersB: numbersField(fields, "signersB"),
    signature: bytesField(fields, "signature", 256),
  };
}
