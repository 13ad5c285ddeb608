import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** A text file that appears when it is whole; what cannot be written is told at its end. */
export class WholeText {
  readonly #path: string;
  readonly #stream: WriteStream;

  constructor(path: string) {
    this.#path = path;
    this.#stream = createWriteStream(`${path}.partial`);
    this.#stream.on("error", () => undefined); // told by `finished`
  }

  /** Adds a line; waits where the disk is slower. */
  async add(line: string): Promise<void> {
    if (this.#stream.write(`${line}\n`) || this.#stream.errored) return;
    await once(this.#stream, "drain").catch(() => undefined); // told by `finished`
  }

  /** @throws the system's error where a line could not be written; no file is there then. */
  async end(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
    await rename(`${this.#path}.partial`, this.#path);
  }

  /** Leaves nothing behind. */
  async drop(): Promise<void> {
    this.#stream.destroy();
    await rm(`${this.#path}.partial`, { force: true });
  }
}
