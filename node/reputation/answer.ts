import { decode } from "#protocol/types/codec.ts";
import type { Ration } from "./ration.ts";
import type { Samples } from "./samples.ts";
import { MAX_SAMPLE_BYTES, SampleAnswer, SampleRequest } from "./wire.ts";

/**
 * What peers get (REP-PROBE): anybody a sign of life, observers content while their ration lasts. Others are told that it is not
 * held, which counts as nothing: who is an epoch ahead may observe this node without this node knowing. @throws ERR_DECODE
 */
export async function answerSample(
  samples: Samples,
  ration: Ration,
  from: number,
  message: Uint8Array,
): Promise<Uint8Array> {
  const { hash, offset, length } = decode(SampleRequest, message);
  if (length === 0) return SampleAnswer.serialize({ held: 1, bytes: new Uint8Array() });
  const bytes = ration.take(from)
    ? await samples.read(hash, offset, Math.min(length, MAX_SAMPLE_BYTES))
    : undefined;
  return SampleAnswer.serialize({ held: bytes ? 1 : 0, bytes: bytes ?? new Uint8Array() });
}
