/** The processes that make the chain: nodes, and the daemons of trainers. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import type { Child, Children } from "./children.ts";
import { type MachineSize, writeTrainerConfig } from "./trainer-config.ts";

const patienceMs = 60_000;
const pauseMs = 200;

/** Connects once the node answers. @throws Error with the node's own words where it ends before. */
export async function connectTo(url: string, { name, log, process: child }: Child): Promise<ChainClient> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(endOf({ name, log }));
    const answers = await fetch(url.replace("ws:", "http:")).then(
      () => true,
      () => false,
    );
    if (answers) return await ChainClient.connect(url);
    if (performance.now() > deadline) throw new Error(`no answer from ${name} at ${url}, see ${log}`);
    await pause(pauseMs);
  }
}

/** What is to be said of a process that should not have ended. */
export function endOf({ name, log }: Pick<Child, "name" | "log">): string {
  const last = readFileSync(log, "utf8").trimEnd().split("\n").at(-1);
  return `${name} has ended: ${last} (see ${log})`;
}

export interface TrainerPlace {
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  /** Folder of `file:` storage. */
  readonly storage: string;
  readonly size?: MachineSize;
}

/** Starts the daemon of a trainer, in a process of its own. */
export function startTrainer(children: Children, { name, url, folder, storage, size }: TrainerPlace): Child {
  const own = join(folder, "trainers", name.toLowerCase());
  const config = writeTrainerConfig(own, storage, size);
  const args = ["trainer", "run", "--url", url, "--config", config, "--folder", join(own, "work")];
  return children.start(name.toLowerCase(), args, { MATRIXAI_SECRET: `//${name}` });
}
