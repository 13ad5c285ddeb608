/** The tasks that an agent knows: their files, which of them can be had, and why others are refused. */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { storage as drilling } from "../../../pallets/drilling/index.ts";
import { openTask, type Task } from "../../drilling/task.ts";
import { StorageError } from "../../storage/error.ts";
import type { Agent } from "../agent-context.ts";
import { folderBytes } from "../disk.ts";
import { flawOf } from "./flaw.ts";

/** Models of so many tasks are held in memory. */
const maxOpen = 4;
/** How often a task that may yet be had is tried. */
const attempts = 4;

export class TaskBook {
  readonly #agent: Agent;
  readonly #open = new LRUCache<number, Promise<Task>>({ max: maxOpen });
  readonly #refused = new Map<number, string>();
  readonly #good = new Set<number>();
  /** How often each unit failed that has not been done, by task. */
  readonly #failures = new Map<number, Map<number | undefined, number>>();
  #isRead = false;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** What is refused since earlier runs. */
  async read(): Promise<void> {
    if (this.#isRead) return;
    for (const row of await this.#agent.journal.keys(this.#prefix)) {
      const reason = await this.#agent.journal.get<string>(row);
      if (reason !== undefined) this.#refused.set(Number(row.slice(this.#prefix.length)), reason);
    }
    this.#isRead = true;
  }

  /** Tasks that turned out to be faulty or not to be had, with the reasons. */
  get refused(): ReadonlyMap<number, string> {
    return this.#refused;
  }

  /** Whether the files of a task were here, and right. */
  isGood(id: number): boolean {
    return this.#good.has(id) && !this.#refused.has(id);
  }

  /**
   * The task's files, fetched and compared with their hashes. @throws what `flawOf` knows where the task is at fault, and
   * StorageError `DiskFull` where the agent may fill no more.
   */
  open(id: number, signal: AbortSignal): Promise<Task> {
    const known = this.#open.get(id);
    if (known !== undefined) return known;
    const opening = this.#fetch(id, signal);
    this.#open.set(id, opening);
    void opening.then(
      () => this.#good.add(id),
      () => this.#open.delete(id),
    );
    return opening;
  }

  /** Takes note of a failure at a unit of a task, or at the task: it is refused from now on if nobody can do it, or if it fails again and again. */
  async failed(id: number, error: unknown, unit?: number): Promise<void> {
    const flaw = flawOf(error);
    if (flaw === undefined) return;
    const failures = this.#failures.get(id) ?? new Map<number | undefined, number>();
    this.#failures.set(id, failures);
    const times = (failures.get(unit) ?? 0) + 1;
    failures.set(unit, times);
    if (!flaw.mayPass || times >= attempts) await this.#refuse(id, flaw.reason);
  }

  /** A unit was done: what failed at it before has passed. */
  succeeded(id: number, unit: number): void {
    this.#failures.get(id)?.delete(unit);
  }

  /** Forgets all tasks but these, with their files. */
  async keepOnly(ids: ReadonlySet<number>): Promise<void> {
    for (const id of this.#refused.keys()) {
      if (ids.has(id)) continue;
      this.#refused.delete(id);
      await this.#agent.journal.forget(`${this.#prefix}${id}`);
    }
    for (const memory of [this.#good, this.#failures, this.#open])
      for (const id of memory.keys()) if (!ids.has(id)) memory.delete(id);
    for (const name of await readdir(this.#folder).catch(() => []))
      if (!ids.has(Number(name))) await rm(join(this.#folder, name), { recursive: true, force: true });
  }

  async #refuse(id: number, reason: string): Promise<void> {
    if (this.#refused.has(id)) return;
    this.#refused.set(id, reason);
    await this.#agent.journal.put(`${this.#prefix}${id}`, reason);
    this.#agent.log.warn("refuses a task", { task: id, reason });
  }

  async #fetch(id: number, signal: AbortSignal): Promise<Task> {
    const { chain, store } = this.#agent;
    const [task, files] = await Promise.all([
      chain.read(drilling.Tasks, [id]),
      chain.read(drilling.Files, [id]),
    ]);
    if (task === undefined || files === undefined) throw new Error(`task ${id} has ended`);
    const folder = join(this.#folder, String(id));
    if (!existsSync(folder)) await this.#checkRoom(id);
    return openTask(store, { ...files, units: task.units }, folder, signal);
  }

  /** Anybody may publish tasks, and each has files of its own: one is begun only while less is filled than may be. */
  async #checkRoom(id: number): Promise<void> {
    const { folder, maxDiskBytes } = this.#agent.options;
    if (maxDiskBytes === undefined) return;
    const filled = await folderBytes(folder);
    if (filled < maxDiskBytes) return;
    const [used, most] = [filled, maxDiskBytes].map((bytes) => Math.round(bytes / 2 ** 20));
    throw new StorageError(
      "DiskFull",
      `no room for task ${id}: of ${most} MiB that may be filled ${used} are`,
    );
  }

  get #prefix(): string {
    return `refused/${this.#agent.chainId}/`;
  }

  /** Where files of tasks lie, by the task's number. */
  get #folder(): string {
    return join(this.#agent.options.folder, "tasks", this.#agent.chainId);
  }
}
