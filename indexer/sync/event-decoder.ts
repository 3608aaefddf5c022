import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  decodeAbiParameters,
  type Hex,
  toEventSelector,
} from "viem";

export interface DecodedEvent {
  eventName: string;
  args: Record<string, unknown>;
}
type Decoder = (topics: readonly Hex[], data: Hex) => DecodedEvent;
export type EventDecoder = (topics: readonly Hex[], data: Hex) => DecodedEvent | undefined;

/** Hex digits of one word. */
const WORD = 64;

/** A value from a word without its 0x. */
type WordReader = (word: string) => unknown;

/**
 * Decodes the events of `abi` as viem does, but ten times as fast: what is the same for every log of an event is done once, and
 * addresses are not hashed for their checksum. They are in lower case, other than in data that also holds lists, tuples or texts.
 * @returns a function that gives undefined for what is no event of the ABI, and throws on what is one in another form
 */
export function createEventDecoder(abi: Abi): EventDecoder {
  const events = abi.filter((item): item is AbiEvent => item.type === "event");
  const decoders = new Map(events.map((event) => [toEventSelector(event), compile(event)]));
  return (topics, data) => {
    const decode = topics[0] && decoders.get(topics[0]);
    return decode ? decode(topics, data) : undefined;
  };
}

function compile(event: AbiEvent): Decoder {
  const eventName = event.name;
  const indexed = event.inputs.filter((input) => input.indexed).map((input) => readerOf(input, true));
  const plain = event.inputs.filter((input) => !input.indexed);
  const decodeData = plain.every(isWord) ? wordsDecoder(plain) : generalDecoder(plain);
  const names = event.inputs.filter((input) => input.indexed).map(({ name }) => name ?? "");
  return (topics, data) => {
    if (topics.length !== indexed.length + 1) throw new Error(`${eventName} has another number of topics`);
    const args: Record<string, unknown> = {};
    for (const [at, read] of indexed.entries()) {
      args[names[at] as string] = read(wordAt((topics[at + 1] as Hex).slice(2), 0));
    }
    decodeData(args, data);
    return { eventName, args };
  };
}

type DataDecoder = (args: Record<string, unknown>, data: Hex) => void;

function wordsDecoder(inputs: readonly AbiParameter[]): DataDecoder {
  const readers = inputs.map((input) => readerOf(input, false));
  const names = inputs.map(({ name }) => name ?? "");
  return (args, data) => {
    const words = data.slice(2);
    for (const [at, read] of readers.entries()) args[names[at] as string] = read(wordAt(words, at));
  };
}

function generalDecoder(inputs: readonly AbiParameter[]): DataDecoder {
  return (args, data) => {
    const values = decodeAbiParameters(inputs, data) as readonly unknown[];
    for (const [at, { name }] of inputs.entries()) args[name ?? ""] = values[at];
  };
}

function wordAt(hex: string, at: number): string {
  const word = hex.slice(at * WORD, (at + 1) * WORD);
  if (!/^[0-9a-f]{64}$/i.test(word)) throw new Error("a word is missing or not hex");
  return word;
}

function isWord({ type }: AbiParameter): boolean {
  return /^(address|bool|uint\d+|bytes([1-9]|[12]\d|3[012]))$/.test(type);
}

/** A topic holds only the hash of what is longer than a word. */
function readerOf(input: AbiParameter, inTopic: boolean): WordReader {
  const { type } = input;
  if (type === "address") return (word) => `0x${word.slice(24).toLowerCase()}`;
  if (type === "bool") return readBool;
  const bits = /^uint(\d+)$/.exec(type)?.[1];
  // viem's types: numbers up to 48 bits
  if (bits !== undefined) return Number(bits) > 48 ? (word) => BigInt(`0x${word}`) : readNumber;
  const bytes = /^bytes(\d+)$/.exec(type)?.[1];
  if (bytes !== undefined) return (word) => `0x${word.slice(0, 2 * Number(bytes))}`;
  if (inTopic && !/^int/.test(type)) return (word) => `0x${word}`;
  return (word) => decodeAbiParameters([input], `0x${word}`)[0];
}

function readBool(word: string): boolean {
  const value = BigInt(`0x${word}`);
  if (value > 1n) throw new Error("not a boolean");
  return value === 1n;
}

function readNumber(word: string): number {
  const value = Number.parseInt(word, 16);
  if (!Number.isSafeInteger(value)) throw new Error("a number does not fit its type");
  return value;
}
