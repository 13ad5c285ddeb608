import type { Log } from "../log/log.ts";
import type { RunningNode } from "./service.ts";
import { TrainerProcess } from "./trainer-process.ts";

export interface TrainerBeside {
  readonly secret: string;
  /** The command that runs its daemon, for the node's WebSocket address. */
  readonly commandOn: (url: string) => readonly [string, ...string[]];
  readonly log: Log;
}

/** A node with the daemon of its trainer beside it, which ends before the node does; SIGUSR2 drains it. */
export function withTrainer(node: RunningNode, { secret, commandOn, log }: TrainerBeside): RunningNode {
  const command = commandOn(`ws://127.0.0.1:${node.rpcPort}`);
  const trainer = new TrainerProcess({ command, secret, log });
  const onDrain = (): void => trainer.drain();
  process.on("SIGUSR2", onDrain);
  return {
    ...node,
    async stop() {
      process.off("SIGUSR2", onDrain);
      await trainer.stop();
      await node.stop();
    },
  };
}
