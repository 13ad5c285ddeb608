import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Log } from "../log/log.ts";

export interface TrainerProcessOptions {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** The trainer's secret; other users cannot read a process's environment. */
  readonly secret: string;
  readonly log: Log;
  /** Pause before the first new start, in ms; it doubles with each in a row, up to a minute. */
  readonly pauseMs?: number;
}

const longestPauseMs = 60_000;
/** Who has run so long begins again with the shortest pause. */
const steadyMs = 60_000;
/** The exit code for what a person has to put right; trying again would not help. */
const badInput = 2;

/**
 * The daemon of a trainer beside its node, in a process of its own: what a stranger's model does there cannot hold up
 * blocks. It is started again when it fails, and ends when the node does, however that is.
 */
export class TrainerProcess {
  readonly #options: TrainerProcessOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isEnding = false;

  constructor(options: TrainerProcessOptions) {
    this.#options = options;
    this.#start();
  }

  /** Undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** It takes no more orders, and ends when nothing is left to do. */
  drain(): void {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    this.#options.log.info("the trainer finishes what it has begun");
    this.#child?.kill("SIGUSR2");
  }

  /** Ends it at a point where it can go on later; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, "exit");
    // Not a signal: a service manager may have sent it one already, and a second would end it at once.
    child.disconnect();
    await ended;
  }

  #start(): void {
    const { command, secret, log } = this.#options;
    const [program, ...args] = command;
    const startedAt = performance.now();
    // In a group of its own, which Ctrl-C does not reach; the channel tells it to end, and when we are gone.
    const child = spawn(program, args, {
      env: { ...process.env, MATRIXAI_SECRET: secret },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
    });
    this.#child = child;
    // Without a process there is nothing that could exit.
    child.once("error", (error) => {
      if (child.pid === undefined) this.#over(`could not be started: ${error.message}`, startedAt);
    });
    child.once("exit", (code, signal) => {
      if (this.#isEnding || code === 0) {
        this.#child = undefined;
        log.info("the trainer has ended");
      } else if (code === badInput) {
        this.#child = undefined;
        log.error("the trainer cannot work as it is set up; the node goes on without it");
      } else this.#over(`ended with ${signal ?? code}`, startedAt);
    });
    log.info("the trainer runs beside the node", { pid: child.pid });
  }

  #over(how: string, startedAt: number): void {
    this.#child = undefined;
    if (performance.now() - startedAt > steadyMs) this.#failures = 0;
    const pause = Math.min((this.#options.pauseMs ?? 1_000) * 2 ** this.#failures++, longestPauseMs);
    this.#options.log.warn(`the trainer ${how}; it is started again`, { seconds: pause / 1_000 });
    this.#timer = setTimeout(() => this.#start(), pause);
  }
}
