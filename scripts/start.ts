/** A development chain with its trainers, and a tour of what it is for; all of it runs on until Ctrl-C. */
import { rmSync } from "node:fs";
import { devTrainers } from "../chain-spec/presets.ts";
import { startTrainer } from "./tour/network.ts";
import { type TourOptions, tourOptions } from "./tour/options.ts";
import { trainerNames } from "./tour/people.ts";
import { perform } from "./tour/perform.ts";

const known = "--fresh, --no-tour, --json, --digits, --base-path, --rpc-port, --port and --prometheus-port";

function optionsOrExit(): TourOptions {
  try {
    return tourOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`error: ${(error as Error).message}; known are ${known}`);
    process.exit(2);
  }
}

const { fresh, folder, rpcPort, port, metricsPort, tour, json, digits } = optionsOrExit();
if (fresh) rmSync(folder, { recursive: true, force: true });
const trainers = trainerNames.slice(0, devTrainers);
await perform({
  ...{ folder, rpcPort, trainers, tour, json, digits },
  startNodes(nodes) {
    const ports = ["--rpc-port", rpcPort, "--port", port, "--prometheus-port", metricsPort].map(String);
    return nodes.start("node", ["node", "--dev", "--base-path", folder, ...ports]);
  },
  startTrainers(workers, url, storage) {
    return trainers.map((name) => startTrainer(workers, { name, url, folder, storage }));
  },
});
