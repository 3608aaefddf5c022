import { decode } from "#protocol/types/codec.ts";
import type { Samples } from "./samples.ts";
import { MAX_SAMPLE_BYTES, SampleAnswer, SampleRequest } from "./wire.ts";

/** What observers get (REP-PROBE). @throws ERR_DECODE */
export async function answerSample(samples: Samples, message: Uint8Array): Promise<Uint8Array> {
  const { hash, offset, length } = decode(SampleRequest, message);
  if (length === 0) return SampleAnswer.serialize({ held: 1, bytes: new Uint8Array() });
  const bytes = await samples.read(hash, offset, Math.min(length, MAX_SAMPLE_BYTES));
  return SampleAnswer.serialize({ held: bytes ? 1 : 0, bytes: bytes ?? new Uint8Array() });
}
