/**
 * Lines that an operator reads: fixed words, variable fields, one child logger per component.
 * `2026-03-01 12:00:05 INFO  chain: imported block number=5 hash=0x12ab…`
 */
import { Writable } from "node:stream";
import { type Logger, pino } from "pino";
import { type Levels, levelOf, parseLevels } from "./levels.ts";
import { formatLine } from "./line.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** What a component needs to speak; `error` values go under the field `error`. Never pass keys or raw peer bytes. */
export interface Log {
  trace(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A logger named `target`; its level is what the `--log` option says for that name. */
  child(target: string): Log;
}

/** The logger of a process, whose levels can be changed while it runs. */
export interface RootLog extends Log {
  /** Adds to the `--log` option; a bad one is a `LogOptionError` and changes nothing. */
  addFilter(option: string): void;
  /** Goes back to the levels of the start. */
  resetFilter(): void;
}

export interface LogOptions {
  /** `--log`: `debug`, `pool=trace`, or both with commas; checked by `parseLevels`. */
  readonly levels?: Levels;
  /** Where lines go; standard error unless told. */
  readonly write?: (line: string) => void;
  readonly colour?: boolean;
}

/** The logger of a process; every component takes a `child` of it. */
export function createLog(options: LogOptions = {}): RootLog {
  const atStart = options.levels ?? parseLevels("");
  let levels = atStart;
  const colour = options.colour ?? (process.stderr.isTTY && process.env.NO_COLOR === undefined);
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const lines = new Writable({
    decodeStrings: false,
    write(record: string, _encoding, done) {
      write(formatLine(record, colour));
      done();
    },
  });
  const base = pino({ base: null, serializers: { error: describeError } }, lines);
  const loggers = new Map<string, Logger>();
  const loggerOf = (target: string): Logger => {
    const logger = loggers.get(target) ?? base.child({ target }, { level: levelOf(levels, target) });
    loggers.set(target, logger);
    return logger;
  };
  const named = (target: string): Log => {
    const logger = loggerOf(target);
    const at =
      (level: "trace" | "debug" | "info" | "warn" | "error") =>
      (message: string, fields: Fields = {}): void =>
        logger[level](fields, message);
    return {
      trace: at("trace"),
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: named,
    };
  };
  const setLevels = (next: Levels): void => {
    levels = next;
    for (const [target, logger] of loggers) logger.level = levelOf(levels, target);
  };
  return {
    ...named("node"),
    addFilter: (option) => setLevels(parseLevels(option, levels)),
    resetFilter: () => setLevels(atStart),
  };
}

/** Says nothing: for tests and tools. */
export const silentLog: Log = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};

/** A message with its causes; the stack is for `debug` readers of the code, not for operators. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : describeError(error.cause);
  // A message written for people often quotes its cause already.
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
