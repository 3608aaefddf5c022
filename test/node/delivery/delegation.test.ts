import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createSession } from "#client/actions/create-session.ts";
import { delegate } from "#client/actions/delegate.ts";
import { fetchContent } from "#client/actions/fetch-content.ts";
import type { OpenSessionParameters } from "#client/actions/open-session.ts";
import { createFlkClient } from "#client/client.ts";
import type { DeliverySession } from "#client/session/session.ts";
import { parsePayload } from "#protocol/digests/transactions.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { MAX_LANES_PER_SUBKEY } from "#protocol/params/limits.ts";
import type { Delegation } from "#protocol/types/ack.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { SignedTransaction } from "#protocol/types/transactions.ts";
import { eventually } from "#test/node/support/eventually.ts";
import {
  bytesOf,
  type Customer,
  createWorld,
  filled,
  NODE_ID,
  shiftableClock,
  type World,
} from "./support/world.ts";

const SITE = "https://site.example";
const clock = shiftableClock();
/** for the tests: on the chain it is MAX_DELEGATED_LANES */
const MAX_TOGETHER = 80;
let world: World;
before(async () => {
  const submission = { tickMs: 60_000 };
  world = await createWorld({ clock, creditTimeoutMs: 1_000, submission, maxDelegatedLanes: MAX_TOGETHER });
});
after(() => world.close());

/** As a page of `origin` asks: browsers set the header, programs may not have one. */
function fetchFrom(origin: string | undefined): typeof fetch {
  return (url, init) =>
    fetch(url, { ...init, headers: { ...init?.headers, ...(origin !== undefined && { origin }) } });
}

interface PageOptions {
  origin?: string | undefined;
  bound?: string;
  limit?: bigint;
  epochs?: { from: number; to: number };
  network?: number;
}

/** What a visitor's page opens with: its key and the site's word for it. */
function visitor(customer: Customer, id: number, options: PageOptions = {}): Partial<OpenSessionParameters> {
  const { bound = SITE, limit = 10_000_000n, epochs = { from: 0, to: 1_000 } } = options;
  const session = createSession(filled(32, id));
  const signing = createFlkClient({
    rpcUrl: "http://127.0.0.1:1",
    chainId: options.network ?? world.client.network.chainId,
    settlement: world.client.network.settlement,
  });
  const delegation = delegate(signing, {
    account: customer.account,
    session: customer.key,
    subkey: session.publicKey,
    ...(bound !== "" && { origin: bound }),
    limit,
    epochs,
  });
  return { session, delegation };
}

function open(
  customer: Customer,
  parameters: Partial<OpenSessionParameters>,
  options: { origin?: string | undefined; lane?: number } = { origin: SITE },
): Promise<DeliverySession> {
  const client = { ...world.client, fetch: fetchFrom(options.origin) };
  return world.open(customer, { ...parameters, lane: options.lane ?? 0 }, client);
}

const refusal = (code: string) => (error: unknown) => isFlkError(error, code);
const spent = (customer: Customer, key: Uint8Array): bigint =>
  world.chain.delegate(fromHex(customer.account), key, world.chain.epoch)?.spent ?? 0n;

async function settle(): Promise<void> {
  clock.shift(3_001);
  await world.delivery.flush();
  world.chain.commit();
  await world.delivery.flush();
}

test("a page's visitor fetches and the site's account pays, through a reservation and a restart of the node", async () => {
  const customer = world.customer(1);
  const page = visitor(customer, 101);
  const before = world.chain.account(fromHex(customer.account))?.balance ?? 0n;
  const session = await open(customer, page);
  const content = await fetchContent(session, { hash: await world.put(bytesOf(600_000, 1)) });
  assert.equal(content.length, 600_000);
  const subkey = page.session?.publicKey ?? assert.fail();
  const account = fromHex(customer.account);
  const held = world.chain.reservation({ epoch: world.chain.epoch, account, session: subkey, node: NODE_ID });
  assert.ok(held && held.amount > 600_000n);
  await world.restart();
  await settle();
  assert.equal(world.chain.account(account)?.balance, before - 600_000n);
  assert.equal(spent(customer, subkey), 600_000n);
  assert.equal(world.chain.session(account, customer.key.publicKey)?.spent, 600_000n);
});

test("the node serves a page's key to pages of its origin, and to nothing else", async () => {
  const customer = world.customer(2);
  const page = visitor(customer, 102);
  for (const origin of [
    "https://evil.example",
    "https://site.example:8443",
    "http://site.example",
    "null",
    undefined,
  ]) {
    await assert.rejects(open(customer, page, { origin }), refusal("ERR_DELEGATION_ORIGIN"), String(origin));
  }
  await open(customer, page);
  const free = visitor(customer, 103, { bound: "" });
  await open(customer, free, { origin: undefined });
  await open(customer, free, { origin: "https://anywhere.example" });
});

test("forged, replayed, expired and early delegations are refused by code", async () => {
  const customer = world.customer(3);
  const other = world.customer(4);
  const { epoch } = world.chain;
  const page = visitor(customer, 104);
  const cases: [Customer, Partial<OpenSessionParameters>, string][] = [
    [other, page, "ERR_DELEGATION"],
    [customer, { ...page, session: createSession(filled(32, 105)) }, "ERR_DELEGATION"],
    [customer, visitor(customer, 104, { network: 1 }), "ERR_DELEGATION"],
    [customer, visitor({ ...customer, key: createSession(filled(32, 106)) }, 104), "ERR_UNKNOWN_SESSION"],
    [customer, visitor(customer, 104, { epochs: { from: 0, to: epoch - 1 } }), "ERR_DELEGATION_EXPIRED"],
    [customer, visitor(customer, 104, { epochs: { from: epoch + 1, to: 99 } }), "ERR_DELEGATION_EXPIRED"],
    [customer, { session: customer.key, delegation: delegateTo(customer) }, "ERR_DELEGATION"],
  ];
  for (const [who, parameters, code] of cases) await assert.rejects(open(who, parameters), refusal(code));
  const cut = { ...page, delegation: `${page.delegation?.slice(0, -2)}` as Hex };
  await assert.rejects(open(customer, cut), refusal("ERR_DECODE"));
});

function delegateTo(customer: Customer): Hex {
  const subkey = customer.key.publicKey;
  const { account, key: session } = customer;
  return delegate(world.client, {
    account,
    session,
    subkey,
    limit: 1n,
    epochs: { from: 0, to: 99 },
    origin: SITE,
  });
}

test("a revoked session key takes its delegated keys with it, in the middle of what they fetch", async () => {
  const customer = world.customer(5);
  const session = await open(customer, visitor(customer, 107));
  const hash = await world.put(bytesOf(100_000, 5));
  await fetchContent(session, { hash });
  const view = world.chain.session(fromHex(customer.account), customer.key.publicKey) ?? assert.fail();
  view.expiryEpoch = world.chain.epoch - 1;
  await assert.rejects(fetchContent(session, { hash }), refusal("ERR_SESSION_EXPIRED"));
});

test("a drained page key ends at its own limit, and the site and other visitors go on", async () => {
  const customer = world.customer(6);
  const hash = await world.put(bytesOf(200_000, 6));
  const drained = await open(customer, visitor(customer, 108, { limit: 300_000n }));
  await fetchContent(drained, { hash });
  await assert.rejects(fetchContent(drained, { hash }), refusal("ERR_ACK_LIMIT"));
  const second = await open(customer, visitor(customer, 109));
  await fetchContent(second, { hash });
  await fetchContent(await world.open(customer), { hash });
  await settle();
  assert.ok(spent(customer, createSession(filled(32, 108)).publicKey) <= 300_000n);
});

test("visitors together are held to the session's limit", async () => {
  const customer = world.customer(7, { limit: 350_000n });
  const hash = await world.put(bytesOf(200_000, 7));
  const first = { ...visitor(customer, 110), maxReserve: 210_000n };
  await fetchContent(await open(customer, first), { hash });
  // refused when it opens, if what the first has reserved by then is all that is left, or on the way
  const second = async () => {
    const session = await open(customer, visitor(customer, 111), { origin: SITE });
    return fetchContent(session, { hash });
  };
  await assert.rejects(second, (error) => isFlkError(error));
  await settle();
  const view = world.chain.session(fromHex(customer.account), customer.key.publicKey);
  assert.ok((view?.spent ?? 0n) <= 350_000n);
});

test("delegated keys have few lanes each, and few of one session are served without a reservation", async () => {
  const customer = world.customer(8);
  const hash = await world.put(bytesOf(1_000, 8));
  const page = visitor(customer, 112);
  const extra = { maxReserve: 0n };
  for (let lane = 0; lane < MAX_LANES_PER_SUBKEY; lane++) {
    await fetchContent(await open(customer, { ...page, ...extra }, { origin: SITE, lane }), { hash });
  }
  const last = await open(customer, { ...page, ...extra }, { origin: SITE, lane: 99 });
  await assert.rejects(fetchContent(last, { hash }), refusal("ERR_TOO_MANY_LANES"));

  const crowd = world.customer(9);
  for (let i = 0; i < 64; i++) {
    await fetchContent(await open(crowd, { ...visitor(crowd, 120 + i), ...extra }), { hash });
  }
  const late = await open(crowd, { ...visitor(crowd, 200), ...extra });
  await assert.rejects(fetchContent(late, { hash }), refusal("ERR_TOO_MANY_SUBKEYS"));
  await settle();
  await eventually(
    "what the chain has paid makes room",
    async () => (await fetchContent(late, { hash })).length > 0,
  );
});

test("a key that one session key pays for is not served for another one in the same epoch", async () => {
  const customer = world.customer(12);
  const hash = await world.put(bytesOf(1_000, 12));
  const second = { ...customer, key: createSession(filled(32, 212)) };
  world.chain.addSession(fromHex(customer.account), second.key.publicKey, 1_000_000n);
  const page = { ...visitor(customer, 113), maxReserve: 0n };
  const other = { ...visitor(second, 113), maxReserve: 0n };
  const first = await open(customer, page);
  await assert.rejects(open(customer, other), refusal("ERR_DELEGATION"), "a session is open");
  await fetchContent(first, { hash });
  await world.restart();
  await assert.rejects(open(customer, other), refusal("ERR_DELEGATION"), "a lane is held");
  await settle();
  assert.equal(spent(customer, createSession(filled(32, 113)).publicKey), 1_000n);

  const elsewhere = { ...visitor(customer, 114), maxReserve: 0n };
  const subkey = elsewhere.session?.publicKey ?? assert.fail();
  const late = await open(customer, elsewhere);
  recordDelegate(second, subkey);
  await assert.rejects(fetchContent(late, { hash }), refusal("ERR_DELEGATION"), "the chain has a record");
});

test("a key that the account authorises while it is delegated ends, and one that spent by a delegation goes on", async () => {
  const customer = world.customer(13);
  const account = fromHex(customer.account);
  const hash = await world.put(bytesOf(1_000, 13));
  const page = { ...visitor(customer, 115), maxReserve: 0n };
  const session = page.session ?? assert.fail();
  const opened = await open(customer, page);
  await fetchContent(opened, { hash });
  world.chain.addSession(account, session.publicKey, 1_000_000n);
  await assert.rejects(fetchContent(opened, { hash }), refusal("ERR_DELEGATION"));
  await assert.rejects(open(customer, { session }), refusal("ERR_DELEGATION"), "a lane is held");
  recordDelegate(customer, session.publicKey);
  await fetchContent(opened, { hash });
  await assert.rejects(open(customer, { session }), refusal("ERR_DELEGATION"), "the chain has a record");
});

/** The chain has recorded in this epoch that the customer's session key pays for `key`. */
function recordDelegate(customer: Customer, key: Uint8Array): void {
  const record = { session: customer.key.publicKey, spent: 1_000n, reserved: 0n };
  world.chain.delegates.set(`${world.chain.epoch}/${customer.account}/${toHex(key)}`, record);
}

test("with two delegations of one key the lanes of an epoch are paid by the one with the higher limit", async () => {
  const customer = world.customer(14);
  const hash = await world.put(bytesOf(1_000, 14));
  const wide = { ...visitor(customer, 116), maxReserve: 0n };
  const narrow = { ...visitor(customer, 116, { limit: 2_500n }), maxReserve: 0n };
  await fetchContent(await open(customer, narrow, { origin: SITE, lane: 0 }), { hash });
  await fetchContent(await open(customer, wide, { origin: SITE, lane: 1 }), { hash });
  await fetchContent(await open(customer, wide, { origin: SITE, lane: 2 }), { hash });
  await assert.rejects(open(customer, narrow, { origin: SITE, lane: 0 }), refusal("ERR_SESSION_BUDGET"));
  const carried = await submittedDelegations();
  assert.deepEqual(
    carried
      .filter(({ subkey }) => equalBytes(subkey, wide.session?.publicKey ?? assert.fail()))
      .map(({ limit }) => limit),
    [10_000_000n],
  );
});

test("delegated keys of one session key have so many lanes together as the chain pays for, and a transfer begins no more", async () => {
  const crowd = world.customer(18);
  const hash = await world.put(bytesOf(1_000, 18));
  const extra = { maxReserve: 0n };
  for (let i = 0; i < MAX_TOGETHER / MAX_LANES_PER_SUBKEY; i++) {
    for (let lane = 0; lane < MAX_LANES_PER_SUBKEY; lane++) {
      await fetchContent(
        await open(crowd, { ...visitor(crowd, 120 + i), ...extra }, { origin: SITE, lane }),
        { hash },
      );
    }
  }
  const late = await open(crowd, { ...visitor(crowd, 203), ...extra });
  await assert.rejects(late.get(hash, 0), refusal("ERR_TOO_MANY_LANES"));
  const known = await open(crowd, { ...visitor(crowd, 120), ...extra });
  assert.equal((await fetchContent(known, { hash })).length, 1_000);
  await fetchContent(await world.open(crowd), { hash });
  world.chain.turn();
  const next = await open(crowd, { ...visitor(crowd, 204), ...extra });
  assert.equal((await fetchContent(next, { hash })).length, 1_000);
});

test("a site's visitors have as many sessions at once as there is room for", async () => {
  const crowd = world.customer(17);
  const hash = await world.put(bytesOf(1_000, 17));
  const first = await open(crowd, { ...visitor(crowd, 120), maxReserve: 0n });
  for (let i = 1; i < 70; i++) await open(crowd, { ...visitor(crowd, 120 + i), maxReserve: 0n });
  await first.status();
  assert.equal((await fetchContent(first, { hash })).length, 1_000);
});

test("pages that were closed in the middle of a transfer keep no visitor out for longer than a session lives", async () => {
  const crowd = world.customer(15);
  const hash = await world.put(bytesOf(400_000, 15));
  const small = await world.put(bytesOf(1_000, 15));
  for (let i = 0; i < 64; i++) {
    const { response } = await (await open(crowd, { ...visitor(crowd, 120 + i), maxReserve: 0n })).get(
      hash,
      0,
    );
    await response.body?.cancel();
  }
  const late = await open(crowd, { ...visitor(crowd, 201), maxReserve: 0n });
  await assert.rejects(fetchContent(late, { hash: small }), refusal("ERR_TOO_MANY_SUBKEYS"));
  clock.shift(world.delivery.idleMs + 1);
  assert.equal((await fetchContent(late, { hash: small })).length, 1_000);
});

test("the client waits while other visitors are served without a reservation, and goes on", async () => {
  const crowd = world.customer(16);
  const small = await world.put(bytesOf(1_000, 16));
  for (let i = 0; i < 64; i++) {
    await fetchContent(await open(crowd, { ...visitor(crowd, 120 + i), maxReserve: 0n }), { hash: small });
  }
  const session = await open(crowd, { ...visitor(crowd, 202), maxReserve: 0n });
  const refused = () => world.metrics.value("flk_edge_refused_total", { code: "ERR_TOO_MANY_SUBKEYS" }) ?? 0;
  const before = refused();
  const late = fetchContent(session, { hash: small });
  late.catch(() => undefined);
  await eventually("the node refuses it", () => refused() > before);
  await settle();
  const content = await late;
  assert.equal(content.length, 1_000);
});

/** What the acknowledgements that are due are handed in with. */
async function submittedDelegations(): Promise<Delegation[]> {
  clock.shift(3_001);
  await world.delivery.flush();
  const carried = world.chain.waiting.flatMap((bytes) => {
    const { kind, payload } = decode(SignedTransaction, bytes);
    const { body } = parsePayload(kind, payload);
    return "delegations" in body ? body.delegations.map(({ delegation }) => delegation) : [];
  });
  world.chain.commit();
  await world.delivery.flush();
  return carried;
}
