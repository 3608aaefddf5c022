import { ByteListType, ContainerType, type ValueOf } from "@chainsafe/ssz";
import { Bytes32, Counter64, Uint8, Uint32 } from "#protocol/types/primitives.ts";

/** bytes of one sample */
export const MAX_SAMPLE_BYTES = 16_384;

/** Bytes of a content that the asker holds too; `length` 0 asks for nothing but an answer. */
export const SampleRequest = new ContainerType(
  { hash: Bytes32, offset: Counter64, length: Uint32 },
  { typeName: "SampleRequest" },
);
export type SampleRequest = ValueOf<typeof SampleRequest>;

/** `held` is 0 when the answering node has not got the content. */
export const SampleAnswer = new ContainerType(
  { held: Uint8, bytes: new ByteListType(MAX_SAMPLE_BYTES) },
  { typeName: "SampleAnswer" },
);
export type SampleAnswer = ValueOf<typeof SampleAnswer>;
