export const levelNames = ["trace", "debug", "info", "warn", "error", "off"] as const;
export type Level = (typeof levelNames)[number];

/** The level of everything, and of the targets that have their own. */
export interface Levels {
  readonly standard: Level;
  readonly targets: ReadonlyMap<string, Level>;
}

/** Why a `--log` option cannot be read. */
export class LogOptionError extends Error {
  override readonly name = "LogOptionError";
}

const usual: Levels = { standard: "info", targets: new Map() };

/**
 * Reads `--log`: `level` or `target=level`, separated by commas; the last one for a target counts. What it does
 * not name is as in `before`.
 * @throws LogOptionError that names the part and what it may be.
 */
export function parseLevels(option: string, before: Levels = usual): Levels {
  let { standard } = before;
  const targets = new Map(before.targets);
  for (const part of option.split(",").map((text) => text.trim())) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(equals + 1)).toLowerCase();
    const level = levelNames.find((known) => known === name);
    const target = equals < 0 ? undefined : part.slice(0, equals);
    if (level === undefined || target === "") {
      const form = "LEVEL or TARGET=LEVEL";
      throw new LogOptionError(`--log: "${part}" is not ${form} with a level of ${levelNames.join(", ")}`);
    }
    if (target === undefined) standard = level;
    else targets.set(target, level);
  }
  return { standard, targets };
}

/** pino's name for the level at which `target` speaks. */
export function levelOf(levels: Levels, target: string): string {
  const level = levels.targets.get(target) ?? levels.standard;
  return level === "off" ? "silent" : level;
}
