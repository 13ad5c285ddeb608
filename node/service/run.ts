import type { RunningNode } from "./service.ts";

/**
 * Runs a node until a signal or a failure ends it, and answers the exit code. The first SIGINT or SIGTERM stops it
 * cleanly, the second one at once; both leave a database that the next start goes on with.
 */
export async function runUntilEnd(node: RunningNode, log: { info(message: string): void }): Promise<number> {
  let signals = 0;
  const signalled = new Promise<number>((resolve) => {
    const onSignal = (): void => {
      if (++signals > 1) process.exit(130);
      log.info("stopping; once more to end at once");
      resolve(0);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
  const code = await Promise.race([signalled, node.failed.catch(() => 1)]);
  await node.stop();
  log.info("stopped");
  return code;
}
