/** The processes that make the chain: nodes, and the daemons of trainers. */

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ChainClient } from "../../trainer/client/chain-client.ts";
import type { Child, Children } from "./children.ts";
import { type MachineSize, writeTrainerConfig } from "./trainer-config.ts";

const patienceMs = 60_000;
const pauseMs = 100;

/**
 * Connects once the node says that it is ready: another program may answer at its address. @throws Error with the node's
 * own words where it ends before.
 */
export async function connectTo(url: string, node: Child): Promise<ChainClient> {
  const deadline = performance.now() + patienceMs;
  while (!/ node: ready /.test(node.said())) {
    if (hasEnded(node)) throw new Error(endOf(node));
    if (performance.now() > deadline) throw new Error(`${node.name} does not begin, see ${node.log}`);
    await pause(pauseMs);
  }
  return ChainClient.connect(url);
}

export const hasEnded = ({ process: child }: Child): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/** What is to be said of a process that should not have ended. */
export const endOf = ({ name, log, said }: Child): string =>
  `${name} has ended: ${said().trimEnd().split("\n").at(-1)} (see ${log})`;

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
