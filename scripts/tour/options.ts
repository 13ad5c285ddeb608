import { join } from "node:path";
import { parseArgs } from "node:util";

export interface TourOptions {
  /** Begin with an empty folder. */
  readonly fresh: boolean;
  /** Buy a model and have a task drilled; else only the chain and its trainers run. */
  readonly tour: boolean;
  /** One JSON document a line instead of text. */
  readonly json: boolean;
  /** So many digits the model is trained with. */
  readonly digits: number;
  /** For all that is written. */
  readonly folder: string;
  readonly rpcPort: number;
  readonly port: number;
  readonly metricsPort: number;
}

/** With so many digits the training takes about half a minute of a processor. */
export const usualDigits = 12_000;
/** With fewer it would not come to enough checkpoints. */
const leastDigits = 500;

/** What the command line asks for. @throws Error in words for a person. */
export function tourOptions(args: readonly string[]): TourOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fresh: { type: "boolean", default: false },
      "no-tour": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      digits: { type: "string", default: String(usualDigits) },
      "base-path": { type: "string", default: join("data", "dev") },
      "rpc-port": { type: "string", default: "9944" },
      port: { type: "string", default: "30333" },
      "prometheus-port": { type: "string", default: "9615" },
    },
  });
  return {
    fresh: values.fresh,
    tour: !values["no-tour"],
    json: values.json,
    digits: whole("digits", values.digits, leastDigits, 1_000_000),
    folder: values["base-path"],
    rpcPort: whole("rpc-port", values["rpc-port"], 0, 65_535),
    port: whole("port", values.port, 0, 65_535),
    metricsPort: whole("prometheus-port", values["prometheus-port"], 0, 65_535),
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`--${name} takes a whole number from ${least} to ${most}, not ${text}`);
}
