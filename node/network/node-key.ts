import { randomBytes } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import type { Ed25519PrivateKey } from "@libp2p/interface";
import type { Log } from "../log/log.ts";
import { NetworkError } from "./errors.ts";
import type { NodeKey } from "./options.ts";

/**
 * The key whose public half is the peer id: from an option, or from a file that is made at the first start. A file holds
 * 64 hex digits, or the 32 bytes themselves. @throws NetworkError that does not repeat the secret.
 */
export async function nodeKey(
  key: NodeKey | undefined,
  folder: string | undefined,
  log: Log,
): Promise<Ed25519PrivateKey> {
  if (key?.type === "hex") return keyOf(Buffer.from(key.secret, "latin1"), "the node key");
  const path = key?.path ?? (folder === undefined ? undefined : join(folder, "key"));
  if (path === undefined) return generateKeyPairFromSeed("Ed25519", randomBytes(32));
  const made = await makeKey(path);
  if (made) return generateKeyPairFromSeed("Ed25519", made);
  const about = await stat(path);
  const { mode, size } = about;
  if (!about.isFile()) throw new NetworkError(`the node key ${path} is not a file`);
  if ((mode & 0o077) !== 0)
    log.warn("others can read the node key: its file should have mode 0600", {
      path,
      mode: mode.toString(8).slice(-3),
    });
  if (size > 1024) throw new NetworkError(`${path} is no node key: it has ${size} bytes`);
  return keyOf(await readFile(path), path);
}

/** Makes the file unless it is there; its secret. */
async function makeKey(path: string): Promise<Uint8Array | undefined> {
  const secret = randomBytes(32);
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, `${secret.toString("hex")}\n`, { mode: 0o600, flag: "wx", flush: true });
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw new NetworkError(`cannot write the node key ${path}: ${(error as Error).message}`);
  }
}

async function keyOf(content: Buffer, place: string): Promise<Ed25519PrivateKey> {
  const text = content.toString("latin1").trim();
  const hex = /^(?:0x)?([0-9a-f]{64})$/i.exec(text)?.[1];
  const secret = hex === undefined ? content : Buffer.from(hex, "hex");
  if (secret.length !== 32)
    throw new NetworkError(`${place} is no Ed25519 secret: 64 hex digits, or 32 bytes in a file, are one`);
  return generateKeyPairFromSeed("Ed25519", secret);
}
