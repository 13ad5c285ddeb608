/** What this machine must give a node and a trainer besides its devices: disk, ports, key files. */
import { constants } from "node:fs";
import { access, readdir, readFile, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { bytesText } from "../terminal.ts";
import type { Check } from "./check.ts";

const gib = 2 ** 30;
const [leastFree, wantedFree] = [gib, 20 * gib];

/** Whether data can be written under a folder, and how much. */
export async function diskCheck(folder: string): Promise<Check> {
  const name = `disk of ${folder}`;
  const there = await existing(folder);
  try {
    await access(there, constants.W_OK);
  } catch {
    return {
      name,
      state: "bad",
      says: `${there} cannot be written`,
      advice: "give the user of the node write access",
    };
  }
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const says = `${bytesText(free)} free`;
  if (free >= wantedFree) return { name, state: "good", says };
  const state = free < leastFree ? "bad" : "attention";
  return { name, state, says, advice: `a trainer wants ${bytesText(wantedFree)} or more` };
}

/** The folder, or the nearest above it that there is. */
async function existing(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : existing(dirname(folder));
}

/** Whether ports are free, or taken by the node that answers here. */
export async function portChecks(
  ports: Readonly<Record<string, number>>,
  nodeAnswers: boolean,
): Promise<Check[]> {
  return Promise.all(
    Object.entries(ports).map(async ([option, port]): Promise<Check> => {
      const name = `port ${port}`;
      if (await isFree(port)) return { name, state: "good", says: "free" };
      if (nodeAnswers) return { name, state: "good", says: "in use, while a node runs here" };
      const advice = `choose another with --${option}`;
      return { name, state: "attention", says: "in use, and no node answers", advice };
    }),
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** A session key in a file. */
export interface KeyFile {
  readonly chain: string;
  /** `poh_` or `gran`. */
  readonly type: string;
  /** In hex. */
  readonly publicKey: string;
}

const keyFile = /^(\w{4})-(0x[0-9a-f]{64})\.json$/;

/** The session keys under a base path, told by the names of their files, and what is wrong with the files. */
export async function keyFiles(
  basePath: string,
): Promise<{ readonly keys: KeyFile[]; readonly checks: Check[] }> {
  const chains = join(basePath, "chains");
  const keys: KeyFile[] = [];
  const checks: Check[] = [];
  // Most machines have no node, and most nodes no keys.
  for (const chain of await readdir(chains).catch(() => [])) {
    const folder = join(chains, chain, "keystore");
    const files = (await readdir(folder).catch(() => [])).filter((file) => keyFile.test(file));
    for (const file of files) {
      const [, type = "", publicKey = ""] = keyFile.exec(file) ?? [];
      keys.push({ chain, type, publicKey });
      checks.push(...(await openFile(join(folder, file))));
    }
    if (files.length > 0)
      checks.push({ name: `keys of ${chain}`, state: "good", says: `${files.length} in ${folder}` });
  }
  if (keys.length === 0) {
    const advice = "author_rotateKeysWithOwner makes them, or `key insert`";
    checks.push({ name: "keys", state: "attention", says: `no session keys under ${basePath}`, advice });
  }
  return { keys, checks };
}

/** A plain secret that others on this machine can read. */
async function openFile(path: string): Promise<Check[]> {
  try {
    const { mode } = await stat(path);
    const { encoding } = JSON.parse(await readFile(path, "utf8")) as { encoding: { type: string[] } };
    if (!encoding.type.includes("none") || (mode & 0o077) === 0) return [];
  } catch {
    return [{ name: "keys", state: "bad", says: `${path} cannot be read as a key file` }];
  }
  const says = `${path} is not encrypted and can be read by others`;
  return [{ name: "keys", state: "bad", says, advice: "chmod 600, or use a password" }];
}
