import type { Clock } from "#node/interface/clock.ts";
import type { Channel, Network } from "#node/interface/network.ts";
import { FlkError } from "#protocol/errors/error.ts";

type Answer = (to: number, channel: Channel, message: Uint8Array) => Promise<Uint8Array>;
type Handler = (from: number, message: Uint8Array) => Promise<Uint8Array>;

/** One end of a network whose answers a test makes, or other ends give. */
export class FakeNetwork implements Network {
  readonly self: number;
  readonly handlers = new Map<Channel, Handler>();
  /** who was asked, and when */
  readonly asked: { to: number; at: number }[] = [];
  answer: Answer = async () => {
    throw new FlkError("ERR_PEER_UNREACHABLE", "nobody is there");
  };
  readonly #clock: Clock;

  constructor(self: number, clock: Clock) {
    this.self = self;
    this.#clock = clock;
  }

  request(to: number, channel: Channel, message: Uint8Array): Promise<Uint8Array> {
    this.asked.push({ to, at: this.#clock.now() });
    return this.answer(to, channel, message);
  }

  onRequest(channel: Channel, handler: Handler): void {
    this.handlers.set(channel, handler);
  }

  setPeers(): void {}
  connected(): number[] {
    return [];
  }
  send(): boolean {
    return false;
  }
  onMessage(): void {}
  onConnect(): void {}
}

/** Connects ends with each other; `ms` later the answer is there. */
export function connect(ends: readonly FakeNetwork[], clock: Clock, ms: number): void {
  const later = () => new Promise<void>((resolve) => clock.after(ms, resolve));
  for (const end of ends) {
    end.answer = async (to, channel, message) => {
      await later();
      const handler = ends.find(({ self }) => self === to)?.handlers.get(channel);
      if (!handler) throw new FlkError("ERR_REQUEST_TIMEOUT", "no answer");
      return handler(end.self, message);
    };
  }
}
