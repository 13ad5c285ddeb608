/** The way to the node: found however long that takes, and used only once what an earlier run sent is settled. */
import { setTimeout as pause } from "node:timers/promises";
import { storage as system } from "../../pallets/system/index.ts";
import { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import type { Agent } from "./agent-context.ts";
import type { AgentOptions } from "./options.ts";

/** Before a node that was lost is asked again. */
export const retryMs = 5_000;

/** A node that is down may come up. @throws ChainError `OtherRuntime`, or the signal's reason. */
export async function connected({ url, log }: AgentOptions, stop: AbortSignal): Promise<ChainClient> {
  for (;;) {
    stop.throwIfAborted();
    try {
      return await ChainClient.connect(url);
    } catch (error) {
      if (error instanceof ChainError && error.code === "OtherRuntime") throw error;
      log.warn("no connection yet", { error: (error as Error).message });
      await pause(retryMs, undefined, { signal: stop });
    }
  }
}

const settleMs = 500;
const settleTries = 120;

/**
 * Waits until what an earlier run sent is in final blocks, so that nothing is sent twice. Another program that signs for the
 * same account without pause is not waited for without end: a call sent twice fails on the chain, and costs its fee.
 */
export async function settled(agent: Agent, stop: AbortSignal): Promise<void> {
  const { chain, options } = agent;
  for (let i = 0; i < settleTries; i++) {
    const head = await chain.request<string>("chain_getFinalizedHead");
    const { nonce } = await chain.read(system.Account, [agent.account], head);
    const next = await chain.request<number>("system_accountNextIndex", options.signer.address);
    if (next <= nonce) return;
    if (i === 0) agent.log.info("waits for what was sent before", { transactions: next - nonce });
    await pause(settleMs, undefined, { signal: stop });
  }
}
