import { randomBytes } from "node:crypto";
import { create, decrypt, type IKeystore, isValidKeystore } from "@chainsafe/bls-keystore";
import { isBoundedPbkdf2, isBoundedScrypt, type Kdf, SCRYPT_COST } from "./kdf.ts";
import { corrupt, readKeyFile, wrongPassword } from "./key-file.ts";

interface NewKey {
  secret: Uint8Array;
  publicKey: Uint8Array;
  description: string;
}

/** The text of an EIP-2335 keystore. Its path is empty because the key is random, not derived. */
export async function encryptEip2335(key: NewKey, password: string, kdf: Kdf): Promise<string> {
  const params = { ...SCRYPT_COST[kdf], dklen: 32, salt: randomBytes(32).toString("hex") };
  const scrypt = { function: "scrypt", params } as const;
  const keystore = await create(password, key.secret, key.publicKey, "", key.description, scrypt);
  return `${JSON.stringify(keystore, null, 2)}\n`;
}

/**
 * The 32-byte secret of an EIP-2335 keystore, checked against its public key.
 * @throws ERR_KEYSTORE_MISSING, ERR_KEYSTORE_CORRUPT, ERR_KEYSTORE_PASSWORD
 */
export async function readEip2335(
  path: string,
  password: string,
  publicKeyOf: (secret: Uint8Array) => Uint8Array,
): Promise<Uint8Array> {
  const keystore = parse(path, await readKeyFile(path));
  let secret: Uint8Array;
  let publicKey: Uint8Array;
  try {
    secret = new Uint8Array(await decrypt(keystore, password));
    publicKey = publicKeyOf(secret);
  } catch (error) {
    // the library has no error codes; asking it to verify the password first would derive the key twice
    if (error instanceof Error && error.message === "Invalid password") throw wrongPassword(path);
    throw corrupt(path, "cannot be decrypted");
  }
  if (Buffer.from(publicKey).toString("hex") !== keystore.pubkey.toLowerCase().replace(/^0x/, "")) {
    throw corrupt(path, "holds another key than it names");
  }
  return secret;
}

function parse(path: string, value: unknown): IKeystore {
  // the schema knows 48-byte public keys only; the caller compares the key itself
  const schema = typeof value === "object" && value !== null ? { ...value, pubkey: "00".repeat(48) } : value;
  const pubkey = typeof value === "object" && value !== null && "pubkey" in value ? value.pubkey : undefined;
  if (!isValidKeystore(schema) || typeof pubkey !== "string")
    throw corrupt(path, "is not an EIP-2335 keystore");
  const { function: name, params } = schema.crypto.kdf;
  const bounded =
    name === "scrypt"
      ? "n" in params && isBoundedScrypt(params)
      : name === "pbkdf2" && "c" in params && isBoundedPbkdf2(params.c);
  if (!bounded) throw corrupt(path, "names a key derivation that is not bounded");
  return { ...schema, pubkey };
}
