import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Log } from "../log/log.ts";
import type { PeerId } from "./types.ts";

/** Bans kept at a time; the one that would end first makes room. */
const maxBans = 4096;

const fileFormat = z.record(z.string().max(128), z.number());

/** Peers that stay away until a time, kept in a file, so that a restart forgives nobody. */
export class BanList {
  readonly #until: Map<PeerId, number>;
  readonly #path: string | undefined;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();
  #dirty = false;

  private constructor(until: Map<PeerId, number>, path: string | undefined, log: Log) {
    this.#until = until;
    this.#path = path;
    this.#log = log;
  }

  /** Reads the file at `path`, where there is one; a damaged or unreadable one is left behind with a warning, as it is no loss. */
  static async open(path: string | undefined, log: Log): Promise<BanList> {
    const text = path === undefined ? undefined : await textOf(path);
    const until = new Map<PeerId, number>();
    if (text !== undefined) {
      const now = Date.now();
      const parsed = fileFormat.safeParse(parseJson(text));
      if (!parsed.success) log.warn("the file of banned peers cannot be read and begins anew", { path });
      else for (const [peer, time] of Object.entries(parsed.data)) if (time > now) until.set(peer, time);
    }
    return new BanList(until, path, log);
  }

  isBanned(peer: PeerId): boolean {
    const until = this.#until.get(peer);
    if (until === undefined) return false;
    if (until > Date.now()) return true;
    this.#until.delete(peer);
    return false;
  }

  /** From now on for `ms`. */
  add(peer: PeerId, ms: number): void {
    this.#until.set(peer, Date.now() + ms);
    if (this.#until.size > maxBans) this.#dropEarliest();
    this.#save();
  }

  remove(peer: PeerId): void {
    if (this.#until.delete(peer)) this.#save();
  }

  get size(): number {
    return this.#until.size;
  }

  /** Done when everything is on disk. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #dropEarliest(): void {
    let earliest: PeerId | undefined;
    let time = Number.POSITIVE_INFINITY;
    for (const [peer, until] of this.#until) if (until < time) [earliest, time] = [peer, until];
    if (earliest !== undefined) this.#until.delete(earliest);
  }

  // One writer at a time, and however many bans come meanwhile, one more write after it.
  #save(): void {
    if (this.#path === undefined || this.#dirty) return;
    this.#dirty = true;
    const path = this.#path;
    this.#writing = this.#writing.then(async () => {
      this.#dirty = false;
      try {
        await writeFile(`${path}.new`, JSON.stringify(Object.fromEntries(this.#until)), { mode: 0o600 });
        await rename(`${path}.new`, path);
      } catch (error) {
        this.#log.warn("cannot write the file of banned peers", { path, error });
      }
    });
  }
}

/** What a file holds, undefined where there is none; of one that cannot be read it is nothing that makes sense. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "";
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
