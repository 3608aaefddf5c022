import { authorizeSession as sendAuthorization } from "#client/actions/authorize-session.ts";
import { createSession } from "#client/actions/create-session.ts";
import { delegate } from "#client/actions/delegate.ts";
import { getEpoch } from "#client/actions/get-epoch.ts";
import { revokeSession as sendRevocation } from "#client/actions/revoke-session.ts";
import { waitForReceipt } from "#client/actions/wait-for-receipt.ts";
import { type Ed25519Signer, ed25519Signer } from "#crypto";
import { readEip2335 } from "#node/keys/eip2335.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { cliError } from "../errors.ts";
import { formatStable, parseBytes32, parseStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { sessionKeyPath } from "./keys.ts";
import { type Persona, personaOf } from "./persona.ts";

/** @throws the keystore codes */
export async function openSessionKey(persona: Persona): Promise<Ed25519Signer> {
  const publicKeyOf = (seed: Uint8Array): Uint8Array => ed25519Signer(seed).publicKey;
  return ed25519Signer(await readEip2335(sessionKeyPath(persona.home), persona.password, publicKeyOf));
}

export interface Authorization {
  transaction: `0x${string}`;
  key: `0x${string}`;
  expiryEpoch: number;
}

/**
 * Authorises the session key of this home and waits until the chain has it. `limit`: micro-USD per epoch; `epochs`
 * counts the current one. @throws the chain's codes, ERR_RECEIPT_TIMEOUT
 */
export async function authorizeKey(
  persona: Persona,
  { limit, epochs }: { limit: bigint; epochs: number },
): Promise<Authorization> {
  const { publicKey } = await openSessionKey(persona);
  const expiryEpoch = (await getEpoch(persona.node)) + epochs - 1;
  const signer = persona.account;
  const id = await sendAuthorization(persona.node, { signer, key: publicKey, expiryEpoch, limit });
  await waitForReceipt(persona.node, { id });
  return { transaction: id, key: toHex(publicKey), expiryEpoch };
}

export async function authorizeSession(
  options: CommonOptions & { limit: string; epochs: number },
): Promise<void> {
  const limit = parseStable(options.limit);
  const made = await authorizeKey(await personaOf(options), { limit, epochs: options.epochs });
  createOutput(options).data({ ...made, limit }, [
    `session key ${made.key}`,
    `may spend ${formatStable(limit)} per epoch until the end of epoch ${made.expiryEpoch}`,
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
  const { origin } = URL.parse(text) ?? { origin: "null" };
  if (origin === "null" || origin !== text.replace(/\/$/, ""))
    throw cliError("ERR_USAGE", `not an origin such as https://example.com: ${text}`);
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
