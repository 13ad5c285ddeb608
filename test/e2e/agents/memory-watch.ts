/** What the processes of a program keep in memory, looked at all the time while it works. */
import { globSync, readFileSync } from "node:fs";

const everyMs = 100;

/** Resident bytes; of the children, those of the process that had most. */
interface Peak {
  readonly all: number;
  readonly daemon: number;
  readonly child: number;
  /** At once. */
  readonly children: number;
}

export class MemoryWatch {
  #peak: Peak = { all: 0, daemon: 0, child: 0, children: 0 };
  readonly #timer: NodeJS.Timeout;

  /** Begins to look at a process and all that it has started. */
  constructor(pid: number) {
    this.#timer = setInterval(() => this.#look(pid), everyMs);
  }

  /** Ends it, and tells the highest of each that was seen. */
  stop(): Peak {
    clearInterval(this.#timer);
    return this.#peak;
  }

  #look(pid: number): void {
    const daemon = residentBytes(pid);
    const children = descendantsOf(pid).map(residentBytes);
    const { all, daemon: d, child, children: count } = this.#peak;
    this.#peak = {
      all: Math.max(all, daemon + children.reduce((sum, bytes) => sum + bytes, 0)),
      daemon: Math.max(d, daemon),
      child: Math.max(child, ...children),
      children: Math.max(count, children.length),
    };
  }
}

const descendantsOf = (pid: number): number[] =>
  globSync(`/proc/${pid}/task/*/children`)
    .flatMap((path) => textOf(path).split(" ").filter(Boolean).map(Number))
    .flatMap((child) => [child, ...descendantsOf(child)]);

/** None of a process that has just ended. */
const residentBytes = (pid: number): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
