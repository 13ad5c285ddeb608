import type { Log } from "../log/log.ts";
import type { RunningNode } from "./service.ts";

/**
 * Runs a node until a signal or a failure ends it, and answers the exit code. The first SIGINT or SIGTERM stops it
 * cleanly, also while it starts; the second one ends it at once. Both leave a database that the next start goes on
 * with.
 */
export async function runUntilEnd(start: () => Promise<RunningNode>, log: Log): Promise<number> {
  let isSignalled = false;
  const { promise: signalled, resolve } = Promise.withResolvers<number>();
  const onSignal = (): void => {
    if (isSignalled) process.exit(130);
    isSignalled = true;
    log.info("stopping; once more to end at once");
    resolve(0);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    const node = await start();
    const code = await Promise.race([signalled, node.failed.catch(() => 1)]);
    await node.stop();
    log.info("stopped");
    return code;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
