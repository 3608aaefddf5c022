import { DrizzleQueryError } from "drizzle-orm";
import type { Connection, PoolClient, Submittable } from "pg";
import type { Transaction } from "./database.ts";

/** Rows for COPY … FROM STDIN: PostgreSQL parses, keeps and logs them in half the time that an INSERT of the same takes. */
export interface Copy {
  /** COPY "table" (…) FROM STDIN */
  text: string;
  /** in its text format */
  data: string;
}

const clients = new WeakMap<Transaction, PoolClient>();

/** That `tx` runs on `client`, whose protocol the query builder does not speak. */
export function runsOn(tx: Transaction, client: PoolClient): void {
  clients.set(tx, client);
}

/** @throws DrizzleQueryError as statements do */
export function copy(tx: Transaction, { text, data }: Copy): Promise<void> {
  const client = clients.get(tx);
  if (!client) throw new Error("COPY runs in a transaction of the store");
  return new Promise<void>((resolve, reject) => {
    client.query(
      new CopyQuery(text, data, (error) => {
        if (error) reject(new DrizzleQueryError(text, [], error));
        else resolve();
      }),
    );
  });
}

/** Does not wait until the server wants the data: one that refuses the statement reads over it. */
class CopyQuery implements Submittable {
  readonly #text: string;
  readonly #data: string;
  /** called once; `pg` replaces what it does not want to hear of any more */
  callback: (error?: Error) => void;

  constructor(text: string, data: string, callback: (error?: Error) => void) {
    this.#text = text;
    this.#data = data;
    this.callback = callback;
  }

  submit(connection: Connection): void {
    const wire = connection as Connection & {
      sendCopyFromChunk(chunk: Buffer): void;
      endCopyFrom(): void;
    };
    // all of it at once: the embedded database reads no more than what it has when it begins
    wire.stream.cork();
    wire.query(this.#text);
    wire.sendCopyFromChunk(Buffer.from(this.#data));
    wire.endCopyFrom();
    wire.stream.uncork();
  }

  handleCopyInResponse(): void {}

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback();
  }
}
