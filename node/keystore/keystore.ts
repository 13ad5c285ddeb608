import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair, KeyringPair$Json } from "@polkadot/keyring/types";
import { mnemonicGenerate } from "@polkadot/util-crypto";
import { concatBytes, equalBytes, toHex } from "../../runtime/primitives/bytes.ts";
import {
  encodePossessionProof,
  possessionMessage,
  sessionKeyTypes,
} from "../../runtime/primitives/session-keys.ts";
import { keyPair, type Scheme } from "./secret.ts";

const schemeOf = (type: string): Scheme => (type === "gran" ? "ed25519" : "sr25519");

/** What is wrong with a key or its file. */
export class KeystoreError extends Error {
  override readonly name = "KeystoreError";
}

export interface KeystoreOptions {
  /** Folder of the key files; without it, keys live as long as the process. */
  readonly folder?: string | undefined;
  /** Encrypts what is written and opens what is there. Without it, files are plain and only their mode protects them. */
  readonly password?: string | undefined;
}

/**
 * The keys that a node signs with. Each lies in a file of its own, in the format of polkadot.js wallets
 * (scrypt and XSalsa20-Poly1305 where there is a password), named by type and public key.
 */
export class Keystore {
  readonly #options: KeystoreOptions;
  readonly #pairs = new Map<string, KeyringPair>();

  /** Throws a `KeystoreError` that names a file that cannot be opened. */
  constructor(options: KeystoreOptions = {}) {
    this.#options = options;
    const { folder } = options;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) this.#read(folder, file);
  }

  /** The key of this type with this public key; of several, without one, the first. */
  find(type: string, publicKey?: Uint8Array): KeyringPair | undefined {
    const ofType = this.all(type);
    return publicKey ? ofType.find((pair) => equalBytes(pair.publicKey, publicKey)) : ofType[0];
  }

  /** All keys of a type. */
  all(type: string): KeyringPair[] {
    return [...this.#pairs].filter(([name]) => name.startsWith(`${type}-`)).map(([, pair]) => pair);
  }

  /** Adds the key of `secret`. Throws unless it gives that public key, where one is named. */
  async insert(type: string, secret: string, publicKey?: Uint8Array): Promise<void> {
    this.add(type, secret, publicKey);
  }

  /** `insert`, at once; returns the pair. */
  add(type: string, secret: string, publicKey?: Uint8Array): KeyringPair {
    if (!/^[a-z0-9_]{4}$/.test(type))
      throw new KeystoreError(`"${type}" is no key type: four letters such as poh_`);
    const pair = keyPair(secret, schemeOf(type));
    if (publicKey && !equalBytes(pair.publicKey, publicKey)) {
      throw new KeystoreError(
        `the secret gives the public key ${toHex(pair.publicKey)}, not ${toHex(publicKey)}`,
      );
    }
    this.#write(type, pair);
    this.#pairs.set(nameOf(type, pair), pair);
    return pair;
  }

  async has(type: string, publicKey: Uint8Array): Promise<boolean> {
    return this.find(type, publicKey) !== undefined;
  }

  /** A new key of each session type; their public keys, one after the other. */
  async rotate(): Promise<Uint8Array> {
    return concatBytes(...this.#newPairs().map(({ publicKey }) => publicKey));
  }

  /** `rotate`, with the proof that the runtime wants of `owner`, the 32 bytes of the account that registers the keys. */
  async rotateFor(owner: Uint8Array): Promise<{ keys: Uint8Array; proof: Uint8Array }> {
    if (owner.length !== 32) {
      throw new KeystoreError(`the owner has ${owner.length} bytes; it must be the 32 bytes of an account`);
    }
    const pairs = this.#newPairs();
    const [poh, gran] = pairs.map((pair) => pair.sign(possessionMessage(owner)));
    const keys = concatBytes(...pairs.map(({ publicKey }) => publicKey));
    return { keys, proof: encodePossessionProof(poh!, gran!) };
  }

  /** Splits session keys into theirs; undefined when the length is not that of all. */
  sessionKeys(encoded: Uint8Array): { readonly type: string; readonly publicKey: Uint8Array }[] | undefined {
    if (encoded.length !== 32 * sessionKeyTypes.length) return undefined;
    return sessionKeyTypes.map((type, i) => ({ type, publicKey: encoded.slice(32 * i, 32 * (i + 1)) }));
  }

  #newPairs(): KeyringPair[] {
    return sessionKeyTypes.map((type) => this.add(type, mnemonicGenerate(24)));
  }

  #read(folder: string, file: string): void {
    const path = join(folder, file);
    const type = file.slice(0, 4);
    try {
      const json = JSON.parse(readFileSync(path, "utf8")) as KeyringPair$Json;
      const pair = new Keyring({ type: schemeOf(type) }).createFromJson(json);
      pair.decodePkcs8(json.encoding.type.includes("none") ? undefined : this.#options.password);
      this.#pairs.set(nameOf(type, pair), pair);
    } catch {
      const hint =
        this.#options.password === undefined ? "it may need a password" : "the password may be wrong";
      throw new KeystoreError(`the key file ${path} cannot be opened: it is damaged, or ${hint}`);
    }
  }

  // A file is there whole or not at all.
  #write(type: string, pair: KeyringPair): void {
    const { folder, password } = this.#options;
    if (folder === undefined) return;
    const path = join(folder, `${nameOf(type, pair)}.json`);
    writeFileSync(`${path}.new`, JSON.stringify(pair.toJson(password)), { mode: 0o600, flush: true });
    renameSync(`${path}.new`, path);
  }
}

const nameOf = (type: string, pair: KeyringPair): string => `${type}-${toHex(pair.publicKey)}`;
