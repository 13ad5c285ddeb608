import type { Sink } from "../server/method.ts";

/** Unfinished questions of one subscription, each storage item counted; the specification asks for 16. */
export const maxOperations = 64;

/** Something that was started for a client and tells its result in events. */
export class Operation {
  readonly id: string;
  readonly cost: number;
  readonly #sink: Sink;
  #continue: (() => void) | undefined;
  #stopped = false;

  constructor(id: string, cost: number, sink: Sink) {
    this.id = id;
    this.cost = cost;
    this.#sink = sink;
  }

  get stopped(): boolean {
    return this.#stopped || this.#sink.closed;
  }

  get isWaiting(): boolean {
    return this.#continue !== undefined;
  }

  tell(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!this.stopped) this.#sink.send({ event, operationId: this.id, ...fields });
  }

  /** Asks the client to say when it wants more; resolves then, or when the operation is stopped. */
  async waitForContinue(): Promise<void> {
    await this.#sink.drained();
    if (this.stopped) return;
    const continued = new Promise<void>((resolve) => {
      this.#continue = resolve;
    });
    this.tell("operationWaitingForContinue");
    await continued;
  }

  continue(): void {
    const resume = this.#continue;
    this.#continue = undefined;
    resume?.();
  }

  stop(): void {
    this.#stopped = true;
    this.continue();
  }
}

/** The operations of one subscription. */
export class Operations {
  readonly #sink: Sink;
  readonly #running = new Map<string, Operation>();
  #used = 0;
  #next = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** How many more may be started. */
  get room(): number {
    return maxOperations - this.#used;
  }

  get(id: string): Operation | undefined {
    return this.#running.get(id);
  }

  create(cost: number): Operation {
    const operation = new Operation(String(this.#next++), cost, this.#sink);
    this.#running.set(operation.id, operation);
    this.#used += cost;
    return operation;
  }

  /** Runs what `create` made; an error is told, and its place is free afterwards. */
  async run(operation: Operation, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      operation.tell("operationError", { error: (error as Error).message });
    } finally {
      this.#running.delete(operation.id);
      this.#used -= operation.cost;
    }
  }

  stopAll(): void {
    for (const operation of this.#running.values()) operation.stop();
  }
}
