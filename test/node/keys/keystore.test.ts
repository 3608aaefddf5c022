import assert from "node:assert/strict";
import fs, { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ed25519Verify } from "#crypto";
import {
  addConsensusKey,
  createClientKeystore,
  createKeystore,
  keystorePaths,
  openKeystore,
  rotatedPaths,
} from "#node/keys/keystore.ts";
import { encryptAccountKey, readAccountKey } from "#node/keys/web3-storage.ts";
import { finishKeyFiles } from "#node/keys/write-key-files.ts";
import { type BlsSigner, blsVerify } from "#protocol/crypto/bls.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";

async function inTempDir(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "flk-keys-"));
  try {
    await body(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

const PASSWORD = "correct horse";

function withCode(code: string, path: string) {
  return (error: unknown) => {
    assert.ok(isFlkError(error, code), String(error));
    assert.equal(error.data.path, path);
    assert.ok(error.message.includes(path));
    assert.ok(!error.message.includes(PASSWORD));
    return true;
  };
}

test("a keystore opens with its password to the keys it was made with", () =>
  inTempDir(async (root) => {
    const dir = join(root, "keystore");
    const made = await createKeystore({ dir, password: PASSWORD, kdf: "light" });
    const keys = await openKeystore({ dir, password: PASSWORD });
    assert.deepEqual(keys.consensus.publicKey, made.consensusKey);
    assert.deepEqual(keys.network.publicKey, made.networkKey);
    assert.equal(keys.owner?.address, made.owner);
    assert.equal(keys.networkSeed.length, 32);
    const message = new Uint8Array(32).fill(7);
    assert.ok(blsVerify(made.consensusKey, message, keys.consensus.sign(message)));
    assert.ok(ed25519Verify(made.networkKey, message, keys.network.sign(message)));
  }));

test("the folder is 0700, the files are 0600, and no file holds a secret in the clear", () =>
  inTempDir(async (root) => {
    const dir = join(root, "keystore");
    await createKeystore({ dir, password: PASSWORD, kdf: "light" });
    const keys = await openKeystore({ dir, password: PASSWORD });
    assert.equal((await stat(dir)).mode & 0o777, 0o700);
    for (const path of Object.values(keystorePaths(dir))) {
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      const text = await readFile(path, "utf8");
      assert.ok(!text.includes(toHex(keys.networkSeed).slice(2)));
      assert.ok(keys.owner && !text.includes(keys.owner.privateKey.slice(2)));
    }
  }));

test("consensus keys are added beside the first, numbered, encrypted and never replaced", () =>
  inTempDir(async (root) => {
    const dir = join(root, "keystore");
    const made = await createKeystore({ dir, password: PASSWORD, kdf: "light" });
    assert.deepEqual((await openKeystore({ dir, password: PASSWORD })).rotated, []);
    const added: Uint8Array[] = [];
    for (let i = 0; i < 11; i++) {
      added.push((await addConsensusKey({ dir, password: PASSWORD, kdf: "light" })).publicKey);
    }
    const { consensus, rotated } = await openKeystore({ dir, password: PASSWORD });
    assert.deepEqual(consensus.publicKey, made.consensusKey);
    assert.deepEqual(
      rotated.map(({ publicKey }) => publicKey),
      added,
    );
    const paths = await rotatedPaths(dir);
    assert.deepEqual(paths[10], join(dir, "consensus-11.json"));
    for (const path of paths) assert.equal((await stat(path)).mode & 0o777, 0o600);
    const message = new Uint8Array(32).fill(7);
    assert.ok(blsVerify(added[3] as Uint8Array, message, (rotated[3] as BlsSigner).sign(message)));
    await assert.rejects(addConsensusKey({ dir, password: "", kdf: "light" }), {
      code: "ERR_KEYSTORE_PASSWORD",
    });
  }));

test("the owner's key may be an existing one, or be kept elsewhere", () =>
  inTempDir(async (root) => {
    const privateKey = new Uint8Array(32).fill(1);
    const own = await createKeystore({
      dir: join(root, "a"),
      password: PASSWORD,
      kdf: "light",
      owner: privateKey,
    });
    assert.equal(own.owner, "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1");
    const none = await createKeystore({
      dir: join(root, "b"),
      password: PASSWORD,
      kdf: "light",
      owner: "none",
    });
    assert.equal(none.owner, undefined);
    assert.equal((await openKeystore({ dir: join(root, "b"), password: PASSWORD })).owner, undefined);
  }));

test("a second keystore in the same folder is refused with ERR_KEYSTORE_EXISTS and the first stays", () =>
  inTempDir(async (dir) => {
    await createKeystore({ dir, password: PASSWORD, kdf: "light" });
    const paths = keystorePaths(dir);
    const before = await readFile(paths.consensus, "utf8");
    await assert.rejects(
      createKeystore({ dir, password: PASSWORD, kdf: "light" }),
      withCode("ERR_KEYSTORE_EXISTS", paths.consensus),
    );
    assert.equal(await readFile(paths.consensus, "utf8"), before);
  }));

test("a refused keystore leaves nothing behind, whichever of its files exists already", () =>
  inTempDir(async (root) => {
    for (const name of ["consensus", "network", "owner"] as const) {
      const dir = join(root, name);
      await fs.mkdir(dir);
      const taken = keystorePaths(dir)[name];
      await writeFile(taken, "mine");
      await assert.rejects(
        createKeystore({ dir, password: PASSWORD, kdf: "light" }),
        withCode("ERR_KEYSTORE_EXISTS", taken),
      );
      assert.deepEqual(await readdir(dir), [`${name}.json`]);
      assert.equal(await readFile(taken, "utf8"), "mine");
    }
  }));

test("of two creations at once one makes the keys and the other is refused", () =>
  inTempDir(async (dir) => {
    const create = () => createKeystore({ dir, password: PASSWORD, kdf: "light" });
    const results = await Promise.allSettled([create(), create(), create()]);
    const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    assert.equal(made.length, 1);
    for (const result of results) {
      if (result.status === "rejected") assert.ok(isFlkError(result.reason, "ERR_KEYSTORE_EXISTS"));
    }
    const keys = await openKeystore({ dir, password: PASSWORD });
    assert.deepEqual(keys.consensus.publicKey, made[0]?.consensusKey);
    assert.deepEqual(keys.network.publicKey, made[0]?.networkKey);
    assert.deepEqual((await readdir(dir)).sort(), ["consensus.json", "network.json", "owner.json"]);
  }));

/** Before each operation on the file system that `action` makes, `before` is told its number; its own are not counted. */
async function withOperations<T>(
  before: (number: number) => Promise<void>,
  action: () => Promise<T>,
): Promise<T> {
  const names = ["open", "mkdir", "chmod", "rename", "link", "unlink", "rm", "rmdir", "writeFile"] as const;
  const real = Object.fromEntries(names.map((name) => [name, fs[name]]));
  let number = 0;
  let inside = false;
  for (const name of names) {
    Object.assign(fs, {
      [name]: async (...given: unknown[]) => {
        if (!inside) {
          inside = true;
          await before(number++).finally(() => {
            inside = false;
          });
        }
        return (real[name] as (...all: unknown[]) => unknown)(...given);
      },
    });
  }
  syncBuiltinESMExports();
  try {
    return await action();
  } finally {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  }
}

/** Every operation fails from the `alive`-th on, as for a process that has ended. */
async function dieAfter(alive: number, action: () => Promise<unknown>): Promise<boolean> {
  const die = async (number: number) => {
    if (number >= alive) throw new Error("the process has ended");
  };
  return withOperations(die, action).then(
    () => true,
    () => false,
  );
}

/** How many operations one creation makes. */
async function operationsOfCreation(dir: string): Promise<number> {
  let count = 0;
  const note = async (number: number) => {
    count = number + 1;
  };
  await withOperations(note, () => createKeystore({ dir, password: PASSWORD, kdf: "light" }));
  return count;
}

test("at whatever operation another process finishes a creation, or dies while it does, the creation succeeds", () =>
  inTempDir(async (root) => {
    const operations = await operationsOfCreation(join(root, "alone"));
    for (let at = 0; at < operations; at++) {
      let finished = false;
      for (let alive = 0; !finished; alive++) {
        const dir = join(root, `${at}-${alive}`);
        const finish = async (number: number) => {
          if (number === at) finished = await dieAfter(alive, () => finishKeyFiles(dir));
        };
        const creation = () => createKeystore({ dir, password: PASSWORD, kdf: "light" });
        const made = await withOperations(finish, creation);
        const keys = await openKeystore({ dir, password: PASSWORD });
        assert.deepEqual(keys.consensus.publicKey, made.consensusKey, `${at}, ${alive}`);
        assert.deepEqual(keys.owner?.address, made.owner);
      }
    }
  }));

test("at whatever operation another process makes keys too, one of the two makes them and the other is refused", () =>
  inTempDir(async (root) => {
    const operations = await operationsOfCreation(join(root, "alone"));
    for (let at = 0; at < operations; at++) {
      const dir = join(root, String(at));
      const create = () => createKeystore({ dir, password: PASSWORD, kdf: "light" });
      const results: PromiseSettledResult<Awaited<ReturnType<typeof create>>>[] = [];
      const other = async (number: number) => {
        if (number === at) results.push(...(await Promise.allSettled([create()])));
      };
      results.push(...(await Promise.allSettled([withOperations(other, create)])));
      assert.equal(results.length, 2);
      const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      assert.equal(made.length, 1, `${made.length} at operation ${at}`);
      for (const result of results) {
        if (result.status === "rejected") assert.ok(isFlkError(result.reason, "ERR_KEYSTORE_EXISTS"));
      }
      const keys = await openKeystore({ dir, password: PASSWORD });
      assert.deepEqual(keys.consensus.publicKey, made[0]?.consensusKey);
    }
  }));

test("at whatever operation a creation dies, the keys open afterwards or can be made", () =>
  inTempDir(async (root) => {
    let done = false;
    for (let alive = 0; !done; alive++) {
      const dir = join(root, String(alive));
      done = await dieAfter(alive, () => createKeystore({ dir, password: PASSWORD, kdf: "light" }));
      const opened = await openKeystore({ dir, password: PASSWORD }).catch((error: unknown) => error);
      if (isFlkError(opened)) {
        assert.equal(opened.code, "ERR_KEYSTORE_MISSING");
        await createKeystore({ dir, password: PASSWORD, kdf: "light" });
      } else {
        const made = createKeystore({ dir, password: PASSWORD, kdf: "light" });
        await assert.rejects(made, withCode("ERR_KEYSTORE_EXISTS", keystorePaths(dir).consensus));
      }
      assert.ok((await openKeystore({ dir, password: PASSWORD })).owner, `died after ${alive} operations`);
      for (const path of Object.values(keystorePaths(dir)))
        assert.equal((await stat(path)).mode & 0o777, 0o600);
    }
  }));

test("a wrong and an empty password are ERR_KEYSTORE_PASSWORD, a missing file ERR_KEYSTORE_MISSING", () =>
  inTempDir(async (dir) => {
    await createKeystore({ dir, password: PASSWORD, kdf: "light" });
    await assert.rejects(openKeystore({ dir, password: "wrong" }), { code: "ERR_KEYSTORE_PASSWORD" });
    await assert.rejects(openKeystore({ dir, password: "" }), { code: "ERR_KEYSTORE_PASSWORD" });
    await assert.rejects(createKeystore({ dir, password: "", kdf: "light" }), {
      code: "ERR_KEYSTORE_PASSWORD",
    });
    const paths = keystorePaths(dir);
    await rm(paths.network);
    await assert.rejects(
      openKeystore({ dir, password: PASSWORD }),
      withCode("ERR_KEYSTORE_MISSING", paths.network),
    );
  }));

test("a damaged file is ERR_KEYSTORE_CORRUPT and names the file", () =>
  inTempDir(async (dir) => {
    await createKeystore({ dir, password: PASSWORD, kdf: "light" });
    const paths = keystorePaths(dir);
    const good = await readFile(paths.consensus, "utf8");
    const parsed = JSON.parse(good);
    const huge = structuredClone(parsed);
    huge.crypto.kdf.params.n = 2 ** 40;
    const other = { ...parsed, pubkey: "aa".repeat(48) };
    for (const bad of [
      "",
      "{",
      "[]",
      JSON.stringify(huge),
      JSON.stringify(other),
      JSON.stringify({ ...parsed, crypto: {} }),
    ]) {
      await writeFile(paths.consensus, bad);
      await assert.rejects(
        openKeystore({ dir, password: PASSWORD }),
        withCode("ERR_KEYSTORE_CORRUPT", paths.consensus),
      );
    }
    await writeFile(paths.consensus, good);
    const owner = JSON.parse(await readFile(paths.owner, "utf8"));
    for (const bad of [
      { ...owner, version: 2 },
      { ...owner, address: "00".repeat(20) },
      { ...owner, crypto: null },
    ]) {
      await writeFile(paths.owner, JSON.stringify(bad));
      await assert.rejects(
        openKeystore({ dir, password: PASSWORD }),
        withCode("ERR_KEYSTORE_CORRUPT", paths.owner),
      );
    }
  }));

// Test vectors of the Web3 Secret Storage Definition, version 3.
const VECTOR_SECRET = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const VECTORS = {
  pbkdf2: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  scrypt: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262144,
      r: 1,
      p: 8,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
};

for (const [kdf, crypto] of Object.entries(VECTORS)) {
  test(`the published ${kdf} vector of Web3 Secret Storage opens`, () =>
    inTempDir(async (dir) => {
      const path = join(dir, "vector.json");
      await writeFile(
        path,
        JSON.stringify({ version: 3, id: "3198bc9c-6672-5ab3-d995-4942343ae5b6", crypto }),
      );
      assert.equal((await readAccountKey(path, "testpassword")).privateKey, VECTOR_SECRET);
      await assert.rejects(readAccountKey(path, "testpasswore"), withCode("ERR_KEYSTORE_PASSWORD", path));
    }));
}

test("a client's keys are made both or none", () =>
  inTempDir(async (dir) => {
    const how = { dir, password: PASSWORD, kdf: "light" } as const;
    await writeFile(join(dir, "session.json"), "{}");
    const path = join(dir, "session.json");
    await assert.rejects(createClientKeystore(how), withCode("ERR_KEYSTORE_EXISTS", path));
    assert.deepEqual(await readdir(dir), ["session.json"]);
    await rm(path);
    const { owner } = await createClientKeystore(how);
    assert.equal((await readAccountKey(join(dir, "owner.json"), PASSWORD)).address, owner);
    assert.deepEqual((await readdir(dir)).sort(), ["owner.json", "session.json"]);
  }));

test("an account key written with the standard cost opens again", () =>
  inTempDir(async (dir) => {
    const path = join(dir, "owner.json");
    const { text, key } = await encryptAccountKey(fromHex(VECTOR_SECRET), PASSWORD, "standard");
    await writeFile(path, text);
    assert.deepEqual(await readAccountKey(path, PASSWORD), key);
    assert.equal(JSON.parse(await readFile(path, "utf8")).crypto.kdfparams.n, 262144);
  }));
