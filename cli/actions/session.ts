import { authorizeSession as sendAuthorization } from "#client/actions/authorize-session.ts";
import { createSession } from "#client/actions/create-session.ts";
import { delegate } from "#client/actions/delegate.ts";
import { getEpoch } from "#client/actions/get-epoch.ts";
import { getSession, type SessionAuthorisation } from "#client/actions/get-session.ts";
import { revokeSession as sendRevocation } from "#client/actions/revoke-session.ts";
import { waitForReceipt } from "#client/actions/wait-for-receipt.ts";
import { isOrigin } from "#client/checks.ts";
import { type Ed25519Signer, ed25519Signer } from "#crypto";
import { readEip2335 } from "#node/keys/eip2335.ts";
import { sessionKeyPath } from "#node/keys/keystore.ts";
import { nextKey, setNextKeyAside, takeNextKey } from "#node/keys/next-key.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { CommonOptions } from "../cmds/options.ts";
import type { AllowanceCommand } from "../cmds/session.ts";
import { cliError } from "../errors.ts";
import { formatStable, parseBytes32, parseStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { type Persona, personaOf } from "./persona.ts";

/** @throws the keystore codes */
export async function openSessionKey(persona: Persona): Promise<Ed25519Signer> {
  const publicKeyOf = (seed: Uint8Array): Uint8Array => ed25519Signer(seed).publicKey;
  const path = sessionKeyPath(persona.home.keystore);
  return ed25519Signer(await readEip2335(path, persona.password, publicKeyOf));
}

export interface Authorization {
  transaction: `0x${string}`;
  key: `0x${string}`;
  expiryEpoch: number;
}

/** What a session key may spend: micro-USD per epoch, in so many epochs with the current one. */
interface Allowance {
  limit: bigint;
  epochs: number;
}

/** Authorises the session key of this home and waits until the chain has it. @throws the chain's codes, ERR_RECEIPT_TIMEOUT */
export async function authorizeKey(persona: Persona, allowance: Allowance): Promise<Authorization> {
  return authorize(persona, (await openSessionKey(persona)).publicKey, allowance);
}

async function authorize(
  persona: Persona,
  key: Uint8Array,
  { limit, epochs }: Allowance,
): Promise<Authorization> {
  const expiryEpoch = (await getEpoch(persona.node)) + epochs - 1;
  const signer = persona.account;
  const id = await sendAuthorization(persona.node, { signer, key, expiryEpoch, limit });
  await waitForReceipt(persona.node, { id });
  return { transaction: id, key: toHex(key), expiryEpoch };
}

export async function authorizeSession(options: AllowanceCommand): Promise<void> {
  const limit = parseStable(options.limit);
  const persona = await personaOf(options);
  const key = (await openSessionKey(persona)).publicKey;
  if (await getSession(persona.node, { account: persona.address, key })) {
    const message = `${toHex(key)} was authorised before, and serves once; flk session rotate makes a new key`;
    throw new FlkError("ERR_SESSION_EXISTS", message);
  }
  const made = await authorize(persona, key, { limit, epochs: options.epochs });
  printAllowance({ ...made, limit }, options);
}

/**
 * Makes a new session key and authorises it; the present one is in use until the chain has the new one. What was interrupted goes
 * on, with another key when that one has ended by now. @throws the keystore codes, the chain's codes, ERR_RECEIPT_TIMEOUT
 */
export async function rotateSession(options: AllowanceCommand & { light?: boolean }): Promise<void> {
  const asked = { limit: parseStable(options.limit), epochs: options.epochs };
  const persona = await personaOf(options);
  const replaced = (await openSessionKey(persona)).publicKey;
  const { key, known } = await usableNextKey(persona, options.light ? "light" : "standard");
  const made = known
    ? await resumed(persona, key, known, asked)
    : { ...(await authorize(persona, key, asked)), limit: asked.limit };
  await takeNextKey("session", persona.home.keystore);
  printAllowance({ ...made, replaces: toHex(replaced) }, options);
}

interface NextKey {
  key: Uint8Array;
  /** what the chain has of it since a rotation that was interrupted */
  known: SessionAuthorisation | undefined;
}

/** The key that comes next: another one when that of an interrupted rotation has ended. */
async function usableNextKey(
  { node, address: account, home, password }: Persona,
  kdf: "light" | "standard",
): Promise<NextKey> {
  const make = { dir: home.keystore, password, kdf };
  const key = (await nextKey("session", make)).publicKey;
  const known = await getSession(node, { account, key });
  const ended = known && (known.revoked || known.expiryEpoch < (await getEpoch(node)));
  if (!ended) return { key, known };
  await setNextKeyAside("session", home.keystore);
  return { key: (await nextKey("session", make)).publicKey, known: undefined };
}

/** A key that is authorised already keeps what it was given: says so when that is not what was asked for. */
async function resumed(
  { node }: Persona,
  key: Uint8Array,
  known: SessionAuthorisation,
  { limit, epochs }: Allowance,
): Promise<Made> {
  const expiryEpoch = (await getEpoch(node)) + epochs - 1;
  if (known.limit !== limit || known.expiryEpoch !== expiryEpoch) {
    const given = `${formatStable(known.limit)} per epoch until the end of epoch ${known.expiryEpoch}`;
    const asked = `${formatStable(limit)} until the end of epoch ${expiryEpoch}`;
    createOutput({}).progress(
      `${toHex(key)} was authorised before, and keeps what it was given: ${given}, not ${asked}`,
    );
  }
  return { transaction: null, key: toHex(key), expiryEpoch: known.expiryEpoch, limit: known.limit };
}

interface Made extends Omit<Authorization, "transaction"> {
  transaction: `0x${string}` | null;
  limit: bigint;
  /** the key that it takes the place of */
  replaces?: `0x${string}`;
}

function printAllowance(made: Made, options: CommonOptions): void {
  createOutput(options).data(made, [
    `session key ${made.key}`,
    ...(made.replaces ? [`replaces    ${made.replaces}`] : []),
    `may spend ${formatStable(made.limit)} per epoch until the end of epoch ${made.expiryEpoch}`,
  ]);
}

/** Waits until the chain has it. @throws the chain's codes, ERR_RECEIPT_TIMEOUT */
export async function revokeSession(options: CommonOptions & { key?: string }): Promise<void> {
  const named = options.key === undefined ? undefined : parseKey(options.key);
  const persona = await personaOf(options);
  const key = named ?? (await openSessionKey(persona)).publicKey;
  const transaction = await sendRevocation(persona.node, { signer: persona.account, key });
  await waitForReceipt(persona.node, { id: transaction });
  createOutput(options).data({ transaction, key: toHex(key) }, [`session key ${toHex(key)} is revoked`]);
}

/** A web origin as browsers send it. @throws ERR_USAGE */
function parseOrigin(text: string): string {
  const origin = text.replace(/\/$/, "");
  if (!isOrigin(origin)) throw cliError("ERR_USAGE", `not an origin such as https://example.com: ${text}`);
  return origin;
}

function parseKey(text: string): Uint8Array {
  return fromHex(parseBytes32(text, "a public key of 32 bytes"), 32);
}

/** Signs a delegation with the session key of this home; nothing goes to the chain. @throws the keystore codes, ERR_USAGE */
export async function delegateSession(
  options: CommonOptions & { limit: string; origin?: string; epochs: number; key?: string },
): Promise<void> {
  const limit = parseStable(options.limit);
  const origin = options.origin === undefined ? undefined : parseOrigin(options.origin);
  const made = options.key === undefined ? createSession() : undefined;
  const subkey = made?.publicKey ?? parseKey(options.key as string);
  const persona = await personaOf(options);
  const from = await getEpoch(persona.node);
  const epochs = { from, to: from + options.epochs - 1 };
  const session = await openSessionKey(persona);
  const account = persona.address;
  const bound = origin === undefined ? {} : { origin };
  const delegation = delegate(persona.node, { account, session, subkey, limit, epochs, ...bound });
  const key = toHex(subkey);
  const secret = made && toHex(made.seed);
  createOutput(options).data(
    { account, key, ...(secret && { secret }), delegation, limit, ...bound, ...epochs },
    [
      `key         ${key}`,
      ...(secret ? [`secret      ${secret}`] : []),
      `delegation  ${delegation}`,
      `may spend ${formatStable(limit)} per epoch of ${account} until the end of epoch ${epochs.to}, from ${origin ?? "anywhere"}`,
    ],
  );
}
