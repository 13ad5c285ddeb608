/** Where the tour is told: a view that is drawn again and again, plain lines, or JSON documents. */
import type { Step } from "./story.ts";
import { clock } from "./text.ts";
import { type Shown, stepLine, viewLines } from "./view.ts";

export interface Screen {
  /** Something happened. */
  news(line: string): void;
  /** A step began or ended. */
  step(step: Step): void;
  /** The tour is over. */
  summary(lines: readonly string[], facts: object): void;
  /** Shows how all stands now. */
  draw(shown: Shown): void;
}

type Out = Pick<NodeJS.WriteStream, "write"> &
  Partial<Pick<NodeJS.WriteStream, "isTTY" | "rows" | "columns">>;

/** A terminal is drawn on; a file or a pipe gets lines. `now` in ms since the tour began. */
export function openScreen(out: Out, isJson: boolean, now: () => number): Screen {
  if (isJson) return jsonScreen(out, now);
  return out.isTTY ? drawnScreen(out) : plainScreen(out, now);
}

const quiet = { news() {}, step() {}, summary() {}, draw() {} };

function jsonScreen(out: Out, now: () => number): Screen {
  const say = (type: string, facts: object): void => {
    out.write(`${JSON.stringify({ at: Math.round(now()), type, ...facts }, plain)}\n`);
  };
  return {
    ...quiet,
    news: (line) => say("news", { line }),
    step: (step) => say("step", step),
    summary: (_, facts) => say("summary", facts),
  };
}

/** Amounts and work become decimal strings. */
const plain = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? value.toString() : value;

function plainScreen(out: Out, now: () => number): Screen {
  const say = (line: string): void => void out.write(`${clock(now()).padStart(5)}  ${line}\n`);
  return {
    ...quiet,
    news: say,
    step: (step) => say(step.state === "running" ? `· ${step.title}` : stepLine(step, now())),
    summary: (lines) => void out.write(`\n${lines.join("\n")}\n`),
  };
}

function drawnScreen(out: Out): Screen {
  let height = 0;
  return {
    ...quiet,
    draw(shown) {
      // What is higher than the terminal could not be drawn over.
      const lines = viewLines(shown, (out.rows ?? 40) - 1);
      const text = lines.map((line) => `${clipped(line, out.columns ?? 120)}\n`).join("");
      out.write(`${height > 0 ? `\x1b[${height}A` : ""}\x1b[J${text}`);
      height = lines.length;
    },
  };
}

const clipped = (line: string, columns: number): string => [...line].slice(0, columns - 1).join("");
