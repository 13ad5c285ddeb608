import { join } from "node:path";
import { parseArgs } from "node:util";

export interface TourOptions {
  /** Begin with an empty folder. */
  readonly fresh: boolean;
  /** Buy a model and have a task drilled; else only the chain and its trainers run. */
  readonly tour: boolean;
  /** One JSON document a line instead of text. */
  readonly json: boolean;
  /** For all that is written. */
  readonly folder: string;
  readonly rpcPort: number;
  readonly port: number;
  readonly metricsPort: number;
}

/** What the command line asks for. @throws Error in words for a person. */
export function tourOptions(args: readonly string[]): TourOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fresh: { type: "boolean", default: false },
      "no-tour": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
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
    folder: values["base-path"],
    rpcPort: port("rpc-port", values["rpc-port"]),
    port: port("port", values.port),
    metricsPort: port("prometheus-port", values["prometheus-port"]),
  };
}

function port(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new Error(`--${name} takes a port from 0 to 65535, not ${text}`);
}
