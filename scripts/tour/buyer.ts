/** The buyer: orders a model of digits, follows it, fetches it, and sees what it is worth on digits it never saw. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import type { ChainClient } from "../../trainer/client/chain-client.ts";
import { command, type Person } from "./command.ts";
import { nameOf } from "./people.ts";

const root = resolve(import.meta.dirname, "../..");

const testDigits = 2_000;
const epochs = 8;

/** How much is trained. */
export interface Job {
  /** To train with, eight times over. */
  readonly digits: number;
  readonly checkpoints: number;
}
/** Between two looks for the order, in ms. */
const pauseMs = 200;
/** In blocks: far more than it takes, for a machine that does other things as well. */
const trainWithin = 900;

interface Measured {
  readonly classes: { readonly accuracy: number };
}

/** An order that the chain has. */
interface Ordered {
  readonly order: number;
  /** Resolves when it is completed; rejects when it ends in another way. */
  readonly over: Promise<void>;
}

/** What the buyer has at the end. */
export interface Bought {
  readonly order: number;
  readonly model: string;
  /** Of right answers on the test digits, 0 to 1: of the model that was sent in, and of the one that came back. */
  readonly before: number;
  readonly after: number;
}

export class Buyer {
  readonly #person: Person;
  readonly #storage: string;
  readonly #job: Job;

  constructor(person: Person, storage: string, job: Job) {
    this.#person = person;
    this.#storage = storage;
    this.#job = job;
  }

  get #folder(): string {
    return this.#person.folder;
  }

  /** A model as PyTorch exports it, digits to train and to test it with, and the job. */
  async prepare(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    copyFileSync(join(root, "test/models/bench-cnn.onnx"), this.#path("cnn.onnx"));
    const example = JSON.parse(readFileSync(join(root, "docs/examples/digits.json"), "utf8"));
    const { digits, checkpoints } = this.#job;
    const steps = epochs * Math.floor(digits / example.batch);
    const own = {
      ...example,
      length: { epochs },
      // The last steps count as the others do: parameters that hardly move any more look like a copy.
      schedule: { type: "cosine", final: 0.1 },
      checkpointEvery: Math.ceil(steps / checkpoints),
      training: { ...example.training, ...this.#data("train") },
      validation: { ...example.validation, ...this.#data("test") },
    };
    writeFileSync(this.#path("job.json"), `${JSON.stringify(own, undefined, 2)}\n`);
    if (existsSync(this.#path(this.#digits))) return;
    const counts = ["--train", String(digits), "--test", String(testDigits)];
    await command(this.#person, "digits", this.#path(this.#digits), ...counts);
  }

  /**
   * Places the order and goes on to watch it, which hands out its keys; resolves as soon as the chain has it. @throws Error in
   * the command's own words.
   */
  async order(chain: ChainClient): Promise<Ordered> {
    const address = pathToFileURL(resolve(this.#storage, "jobs", String(Date.now())));
    const terms = ["--publish", address.href, "--price-limit", "100", "--train-within", String(trainWithin)];
    const next = await chain.read(marketplace.NextOrder, []);
    const watched = command<{ order: number; state: string }>(
      this.#person,
      "order",
      "place",
      this.#path("job.json"),
      ...terms,
      "--watch",
    );
    const over = watched.then(({ order, state }) => {
      if (state !== "Completed") throw new Error(`order ${order} ended as ${state}`);
    });
    const end = new AbortController();
    const ended = over.finally(() => end.abort());
    ended.catch(() => undefined);
    const order = await Promise.race([
      this.#placed(chain, next, end.signal),
      watched.then((each) => each.order),
    ]);
    return { order, over };
  }

  /** The number of the first order of this buyer from `next` on. @throws the signal's reason. */
  async #placed(chain: ChainClient, next: number, signal: AbortSignal): Promise<number> {
    for (let order = next; ; ) {
      const found = await chain.read(marketplace.Orders, [order]);
      if (found === undefined) await pause(pauseMs, undefined, { signal });
      else if (nameOf(found.buyer) === this.#person.name) return order;
      else order++;
    }
  }

  /** Fetches the model and compares it with the one that was sent in. */
  async fetch(order: number): Promise<Bought> {
    const out = this.#path(`order-${order}`);
    const files = ["--files", resolve(this.#storage), "--out", out];
    const { model } = await command<{ model: string }>(
      this.#person,
      "order",
      "fetch",
      String(order),
      ...files,
    );
    const before = await this.#accuracy(this.#path("cnn.onnx"));
    return { order, model, before, after: await this.#accuracy(model) };
  }

  async #accuracy(model: string): Promise<number> {
    const { uri, targetsUri } = this.#data("test");
    const data = [this.#path(uri), "--targets", this.#path(targetsUri), "--divide", "255"];
    return (await command<Measured>(this.#person, "evaluate", model, ...data)).classes.accuracy;
  }

  /** A folder for as many digits as these. */
  get #digits(): string {
    return `digits-${this.#job.digits}`;
  }

  #data(part: "train" | "test") {
    return {
      uri: `${this.#digits}/${part}-images.idx`,
      targetsUri: `${this.#digits}/${part}-labels.idx`,
    };
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
