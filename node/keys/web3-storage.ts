import {
  createCipheriv,
  createDecipheriv,
  pbkdf2 as pbkdf2Callback,
  randomBytes,
  randomUUID,
  scrypt as scryptCallback,
  timingSafeEqual,
} from "node:crypto";
import { promisify } from "node:util";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { keccak256 } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { isBoundedPbkdf2, isBoundedScrypt, type Kdf, SCRYPT_COST } from "./kdf.ts";
import { corrupt, readKeyFile, wrongPassword } from "./key-file.ts";

/** Web3 Secret Storage, version 3, for secp256k1 keys: what Ethereum wallets read and write. */

interface ScryptCost {
  n: number;
  r: number;
  p: number;
}

const nativeScrypt = promisify((password: string, salt: Uint8Array, cost: ScryptCost, done: Done) =>
  scryptCallback(
    password,
    salt,
    KEY_BYTES,
    { N: cost.n, r: cost.r, p: cost.p, maxmem: 128 * cost.n * cost.r * cost.p + 2 ** 25 },
    done,
  ),
);

/** OpenSSL refuses N ≥ 2^(16·r), which wallets and the published vector use with r = 1. */
async function scrypt(password: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  if (Math.log2(cost.n) < 16 * cost.r) return nativeScrypt(password, salt, cost);
  return scryptAsync(password, salt, { N: cost.n, r: cost.r, p: cost.p, dkLen: KEY_BYTES });
}

const pbkdf2 = promisify(pbkdf2Callback);
type Done = (error: Error | null, key: Buffer) => void;

const CIPHER = "aes-128-ctr";
const KEY_BYTES = 32;

export interface AccountKey {
  address: Hex;
  /** 0x-prefixed, 32 bytes */
  privateKey: Hex;
}

interface Parsed {
  ciphertext: Uint8Array;
  iv: Uint8Array;
  mac: Uint8Array;
  address: string | undefined;
  derive(password: string): Promise<Uint8Array>;
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return fromHex(keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext])));
}

/** The text of a Web3 Secret Storage file. */
export async function encryptAccountKey(
  privateKey: Uint8Array,
  password: string,
  kdf: Kdf,
): Promise<{ text: string; key: AccountKey }> {
  const secret = toHex(privateKey);
  const address = privateKeyToAddress(secret);
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const derived = await scrypt(password, salt, SCRYPT_COST[kdf]);
  const cipher = createCipheriv(CIPHER, derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(privateKey), cipher.final()]);
  const file = {
    version: 3,
    id: randomUUID(),
    address: address.slice(2).toLowerCase(),
    crypto: {
      cipher: CIPHER,
      cipherparams: { iv: iv.toString("hex") },
      ciphertext: ciphertext.toString("hex"),
      kdf: "scrypt",
      kdfparams: { dklen: KEY_BYTES, ...SCRYPT_COST[kdf], salt: salt.toString("hex") },
      mac: toHex(macOf(derived, ciphertext)).slice(2),
    },
  };
  return { text: `${JSON.stringify(file, null, 2)}\n`, key: { address, privateKey: secret } };
}

/** @throws ERR_KEYSTORE_MISSING, ERR_KEYSTORE_CORRUPT, ERR_KEYSTORE_PASSWORD */
export async function readAccountKey(path: string, password: string): Promise<AccountKey> {
  const value = await readKeyFile(path);
  const parsed = parse(value);
  if (!parsed) throw corrupt(path, "is not Web3 Secret Storage version 3");
  const derived = await parsed.derive(password);
  if (!timingSafeEqual(macOf(derived, parsed.ciphertext), parsed.mac)) throw wrongPassword(path);
  const decipher = createDecipheriv(CIPHER, derived.subarray(0, 16), parsed.iv);
  const privateKey = toHex(Buffer.concat([decipher.update(parsed.ciphertext), decipher.final()]));
  let address: Hex;
  try {
    address = privateKeyToAddress(privateKey);
  } catch {
    throw corrupt(path, "holds no secp256k1 key");
  }
  if (parsed.address !== undefined && parsed.address !== address.toLowerCase()) {
    throw corrupt(path, "holds another key than it names");
  }
  return { address, privateKey };
}

type Fields = Record<string, unknown>;

function object(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function bytes(value: unknown, length?: number): Uint8Array | undefined {
  if (typeof value !== "string" || !/^([0-9a-f]{2})*$/i.test(value)) return undefined;
  return length === undefined || value.length === 2 * length ? fromHex(`0x${value}`) : undefined;
}

function parse(value: unknown): Parsed | undefined {
  const file = object(value);
  const crypto = object(file.crypto ?? file.Crypto);
  const iv = bytes(object(crypto.cipherparams).iv, 16);
  const ciphertext = bytes(crypto.ciphertext, KEY_BYTES);
  const mac = bytes(crypto.mac, 32);
  const derive = derivation(crypto.kdf, object(crypto.kdfparams));
  if (file.version !== 3 || crypto.cipher !== CIPHER || !iv || !ciphertext || !mac || !derive)
    return undefined;
  const address = typeof file.address === "string" ? file.address.toLowerCase() : undefined;
  return {
    ciphertext,
    iv,
    mac,
    derive,
    address: address && (address.startsWith("0x") ? address : `0x${address}`),
  };
}

function derivation(kdf: unknown, params: Fields): Parsed["derive"] | undefined {
  const salt = bytes(params.salt);
  if (!salt || params.dklen !== KEY_BYTES) return undefined;
  if (kdf === "scrypt") {
    const cost = { n: Number(params.n), r: Number(params.r), p: Number(params.p) };
    return isBoundedScrypt(cost) ? (password) => scrypt(password, salt, cost) : undefined;
  }
  const rounds = Number(params.c);
  if (kdf !== "pbkdf2" || params.prf !== "hmac-sha256" || !isBoundedPbkdf2(rounds)) return undefined;
  return (password) => pbkdf2(password, salt, rounds, KEY_BYTES, "sha256");
}
