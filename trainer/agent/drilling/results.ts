/** Results of units: on this machine's disk before they are committed to, in the storage before they are revealed. */
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { maxUri } from "../../../pallets/drilling/index.ts";
import { fromHex } from "../../../runtime/primitives/bytes.ts";
import { fetchResult, resultName, storeResult } from "../../drilling/stored.ts";
import { addressIn } from "../../storage/bundle.ts";
import { hashFile } from "../../storage/content-hash.ts";
import { StorageError } from "../../storage/error.ts";
import type { Agent } from "../agent-context.ts";

/** So many stored results are looked for in one check, and so many bytes of them kept here to store them again. */
const maxChecked = 256;
const maxKept = 1 << 30;
const maxRead = 10_000;
const suffix = ".safetensors";
const about = "about.json";

export class Results {
  /** What is being stored: one object after another, as reveals and checks may be about the same one. */
  #turn: Promise<void> = Promise.resolve();
  /** Files that were read and are whole: they are looked at often, and may be large. */
  readonly #read = new LRUCache<string, true>({ max: maxRead });
  readonly #agent: Pick<Agent, "store" | "options" | "chainId" | "log">;

  constructor(agent: Pick<Agent, "store" | "options" | "chainId" | "log">) {
    this.#agent = agent;
  }

  /**
   * The address under which others find what is stored, at most as long as the chain takes. What is written in a bucket may
   * be read at another address, which the storage tells of a first small object. @throws StorageError.
   */
  async readableAt(signal: AbortSignal): Promise<string> {
    const { store, options } = this.#agent;
    if (this.#base.startsWith("ipfs:")) return withPeers(await store.ipfsAddresses());
    await mkdir(this.#root, { recursive: true });
    const path = join(this.#root, about);
    await writeFile(path, JSON.stringify({ trainer: options.signer.address, holds: "results of drilling" }));
    const uri = await store.put(path, addressIn(this.#base, about), { signal });
    return uri.slice(0, -about.length - 1);
  }

  /** Writes a result to the disk, whole or not at all. */
  async keep(task: number, hash: string, bytes: Uint8Array): Promise<void> {
    const folder = this.#folder(task, "new");
    await mkdir(folder, { recursive: true });
    const path = join(folder, nameOf(hash));
    const file = await open(`${path}.partial`, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.partial`, path);
  }

  /** Whether a result is on this machine's disk. */
  async has(task: number, hash: string): Promise<boolean> {
    return (await this.#find(task, hash)) !== undefined;
  }

  /** Stores a result unless that was done. @throws StorageError: `NotFound` where it is not on the disk any more. */
  store(task: number, hash: string, signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#store(task, hash, signal));
  }

  /**
   * Looks whether what was stored is still to be had, and stores again what is lost, and what could not be stored in
   * time. `secret` are results that nobody may see yet. @throws StorageError.
   */
  async check(secret: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const { log } = this.#agent;
    for (const task of await this.#tasks()) {
      for (const hash of await namesIn(this.#folder(task, "new")))
        if (!secret.has(hash)) await this.store(task, hash, signal);
      const folder = this.#folder(task, "stored");
      for (const hash of shuffled(await namesIn(folder)).slice(0, maxChecked)) {
        if (await this.#isThere(hash, signal)) continue;
        await this.#inTurn(() => this.#put(join(folder, nameOf(hash)), hash, signal));
        log.warn("stored a lost result again", { task, result: hash });
      }
    }
    await this.#bound();
  }

  /** Removes the results of all tasks but these. */
  async keepOnly(tasks: ReadonlySet<number>): Promise<void> {
    for (const task of await this.#tasks())
      if (!tasks.has(task)) await rm(this.#folder(task), { recursive: true, force: true });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #store(task: number, hash: string, signal: AbortSignal): Promise<void> {
    const place = await this.#find(task, hash);
    if (place === "stored") return;
    const path = join(this.#folder(task, "new"), nameOf(hash));
    await this.#put(path, hash, signal);
    await mkdir(this.#folder(task, "stored"), { recursive: true });
    await rename(path, join(this.#folder(task, "stored"), nameOf(hash)));
  }

  async #put(path: string, hash: string, signal: AbortSignal): Promise<void> {
    await storeResult(this.#agent.store, this.#base, fromHex(hash)!, path, signal);
  }

  async #find(task: number, hash: string): Promise<"new" | "stored" | undefined> {
    for (const place of ["stored", "new"] as const) {
      const path = join(this.#folder(task, place), nameOf(hash));
      if (this.#read.has(path) ? existsSync(path) : await this.#isWhole(path, hash)) return place;
    }
    return undefined;
  }

  async #isWhole(path: string, hash: string): Promise<boolean> {
    const found = await hashFile(path).catch(() => undefined);
    if (found === hash) this.#read.set(path, true);
    return found === hash;
  }

  /** What lies in IPFS lies in a node of the trainer's, which keeps it by itself. */
  async #isThere(hash: string, signal: AbortSignal): Promise<boolean> {
    if (this.#base.startsWith("ipfs:")) return true;
    const to = join(this.#root, "check");
    try {
      await fetchResult(this.#agent.store, this.#base, fromHex(hash)!, to, signal);
      return true;
    } catch (error) {
      if (error instanceof StorageError && ["NotFound", "HashMismatch"].includes(error.code)) return false;
      throw error;
    } finally {
      await rm(to, { force: true });
    }
  }

  /** The oldest of what is stored goes first. */
  async #bound(): Promise<void> {
    const files: { readonly path: string; readonly size: number; readonly at: number }[] = [];
    for (const task of await this.#tasks())
      for (const hash of await namesIn(this.#folder(task, "stored"))) {
        const path = join(this.#folder(task, "stored"), nameOf(hash));
        const { size, mtimeMs } = await stat(path);
        files.push({ path, size, at: mtimeMs });
      }
    let bytes = 0;
    for (const { path, size } of files.sort((a, b) => b.at - a.at)) {
      bytes += size;
      if (bytes > maxKept) await rm(path);
    }
  }

  async #tasks(): Promise<number[]> {
    const names = await readdir(this.#root).catch(() => []);
    return names.filter((name) => /^\d+$/.test(name)).map(Number);
  }

  #folder(task: number, ...more: readonly ("new" | "stored")[]): string {
    return join(this.#root, String(task), ...more);
  }

  /** Where results are written, each as its hash. */
  get #base(): string {
    return this.#agent.options.results ?? this.#agent.options.packages;
  }

  get #root(): string {
    return join(this.#agent.options.folder, "results", this.#agent.chainId);
  }
}

const nameOf = (hash: string): string => resultName(fromHex(hash)!);

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(suffix)).map((name) => `0x${name.slice(0, -suffix.length)}`);
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((value) => [Math.random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

/** As many of a node's addresses as there is room for. */
function withPeers(addresses: readonly string[]): string {
  const bases = addresses.map((_, i) => {
    const peers = addresses.slice(0, i + 1).map((address) => `peer=${encodeURIComponent(address)}`);
    return `ipfs:?${peers.join("&")}`;
  });
  return bases.findLast((base) => base.length <= maxUri) ?? "ipfs:";
}
