import { MultiBar, type Options, type Params } from "cli-progress";
import { harmless } from "./harmless.ts";

/** A bar at the foot of a terminal, which lines above it do not disturb. */
export interface ProgressBar {
  update(done: number, detail?: string): void;
  /** Writes a line above it. */
  above(line: string): void;
  stop(): void;
}

interface Shown {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly detail: string;
}

const widestBar = 40;
const narrowestBar = 8;

/** The bar and what belongs to it in one line of a terminal; where there is little room the bar gives way, then the end is cut. */
export function barLine({ label, done, total, detail }: Shown, columns: number): string {
  const part = total > 0 ? Math.min(1, done / total) : 0;
  const words = ` ${Math.floor(100 * part)}% ${done}/${total}${detail === "" ? "" : ` ${detail}`}`;
  const room = columns - 1 - [...`${label} []${words}`].length;
  const width = Math.max(narrowestBar, Math.min(widestBar, room));
  const full = Math.floor(part * width);
  const line = `${label} [${"\u25a0".repeat(full)}${" ".repeat(width - full)}]${words}`;
  return [...line].slice(0, Math.max(1, columns - 1)).join("");
}

/** Shows a bar on standard error, which is a terminal. */
export function progressBar(label: string, total: number): ProgressBar {
  const { stderr } = process;
  const format = (_: Options, { value }: Params, { detail }: { readonly detail: string }) =>
    barLine({ label, done: value, total, detail: harmless(detail) }, stderr.columns ?? 80);
  // It neither hides the cursor nor forbids the terminal to break lines: whatever ends the process, nothing is to be put right.
  const bars = new MultiBar({
    format,
    stream: stderr,
    fps: 5,
    linewrap: true,
    hideCursor: false,
    gracefulExit: false,
  });
  const bar = bars.create(total, 0, { detail: "" });
  return {
    update: (done, detail = "") => bar.update(done, { detail }),
    above(line) {
      bars.log(`${line}\n`);
      bars.update();
    },
    stop() {
      if (bars.isActive) bars.stop();
    },
  };
}
