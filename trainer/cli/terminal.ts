import { harmless } from "./harmless.ts";
import { type ProgressBar, progressBar } from "./progress-bar.ts";

/** How a command speaks: to a person, or with `json` as one JSON document on standard output. */
export interface Terminal {
  readonly json: boolean;
  /** A line for a person, on standard error; nothing with `json`. */
  note(line: string): void;
  /** The answer: lines for a person, or the value as JSON. */
  answer(value: unknown, lines: readonly string[]): void;
  /** A bar for a person; without a terminal, a line now and then. */
  progress(label: string, total: number): Progress;
}

export interface Progress {
  /** `detail` stands behind the bar, e.g. the loss. */
  update(done: number, detail?: string): void;
  stop(): void;
}

const lineEveryMs = 10_000;

export function openTerminal(json: boolean): Terminal {
  let bar: ProgressBar | undefined;
  return {
    json,
    note: (line) => {
      if (json) return;
      if (bar) bar.above(harmless(line));
      else process.stderr.write(`${harmless(line)}\n`);
    },
    answer: (value, lines) => {
      process.stdout.write(
        json ? `${JSON.stringify(value, plain)}\n` : lines.map((line) => `${harmless(line)}\n`).join(""),
      );
    },
    progress: (label, total) => {
      if (json) return { update() {}, stop() {} };
      if (!process.stderr.isTTY || process.env.TERM === "dumb") return linesOf(label, total);
      const own = progressBar(label, total);
      bar = own;
      const stop = () => {
        own.stop();
        if (bar === own) bar = undefined;
      };
      return { update: own.update, stop };
    },
  };
}

/** Big integers become decimal strings, bytes hexadecimal. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Uint8Array ? `0x${Buffer.from(value).toString("hex")}` : value;
}

function linesOf(label: string, total: number): Progress {
  let next = performance.now() + lineEveryMs;
  return {
    update(done, detail = "") {
      if (performance.now() < next) return;
      next = performance.now() + lineEveryMs;
      process.stderr.write(`${label} ${done}/${total} ${harmless(detail)}\n`);
    },
    stop() {},
  };
}

/** 1234567 as "1.23 M", with a thousand-step unit. */
export function short(value: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E"];
  const step =
    value === 0 ? 0 : Math.max(0, Math.min(units.length - 1, Math.floor(Math.log10(Math.abs(value)) / 3)));
  const scaled = value / 1000 ** step;
  return `${scaled >= 100 || Number.isInteger(scaled) ? Math.round(scaled) : scaled.toPrecision(3)} ${units[step]}`.trimEnd();
}

/** Bytes with a 1024-step unit. */
export const bytesText = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** Milliseconds as "1 h 02 min", "3 min 05 s" or "12 s". */
export function durationText(ms: number): string {
  const s = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return s >= 60 ? `${Math.floor(s / 60)} min ${two(s % 60)} s` : `${s} s`;
}
