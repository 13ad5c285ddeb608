/** Goes through a task's units in their order, and writes what is found of each. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../run-command.ts";
import type { Best } from "./best.ts";
import type { TaskHistory } from "./history.ts";
import { labelLines, lineOf } from "./report.ts";
import type { ResultFiles } from "./result-files.ts";
import { WholeText } from "./whole-text.ts";

export interface Failure {
  readonly unit: number;
  readonly why: string;
}

export class Collection {
  readonly #history: TaskHistory;
  readonly #units: number;
  /** The files that each unit was made of, where that is known. */
  readonly #sources: readonly (readonly string[])[] | undefined;

  constructor(history: TaskHistory, units: number, sources: readonly (readonly string[])[] | undefined) {
    this.#history = history;
    this.#units = units;
    this.#sources = sources;
  }

  /** Writes `results.jsonl`, `labels.csv` where units were images, and the results' own files. */
  async write(
    out: string,
    results: ResultFiles,
    best: Best | undefined,
    { terminal, signal }: Context,
  ): Promise<{ readonly failed: readonly Failure[] }> {
    await mkdir(out, { recursive: true });
    const lines = new WholeText(join(out, "results.jsonl"));
    const labels = new WholeText(join(out, "labels.csv"));
    const failed: Failure[] = [];
    const bar = terminal.progress("results", this.#units);
    let labelled = 0;
    try {
      await labels.add("file,label");
      for (let unit = 0; unit < this.#units; unit++) {
        signal.throwIfAborted();
        const history = this.#history.units.get(unit);
        const fetched = history?.agreed && (await results.fetch(history, signal));
        const files = this.#sources?.[unit];
        const line = lineOf(unit, history, fetched, { files, isOver: this.#history.end !== undefined });
        await lines.add(JSON.stringify(line));
        if (line.failed !== undefined) failed.push({ unit, why: line.failed });
        if (fetched && "tensors" in fetched) {
          best?.take(unit, fetched.tensors);
          for (const label of (files && labelLines(files, fetched.tensors)) ?? []) {
            labelled++;
            await labels.add(label);
          }
        }
        bar.update(unit + 1, `${failed.length} without`);
      }
      await lines.end();
      await (labelled > 0 ? labels.end() : labels.drop());
    } catch (error) {
      await Promise.all([lines.drop(), labels.drop()]);
      throw error;
    } finally {
      bar.stop();
    }
    return { failed };
  }
}
