/** Contents that this node holds, for what it asks of others and what they ask of it. */
export interface Samples {
  /** a content to ask for; undefined when there is none */
  pick(random: () => number): Promise<{ hash: Uint8Array; size: number } | undefined>;
  /** `length` bytes from `offset`, fewer at the end; undefined when the content is not here */
  read(hash: Uint8Array, offset: number, length: number): Promise<Uint8Array | undefined>;
}
