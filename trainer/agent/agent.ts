/**
 * The daemon of a trainer. Blocks are looked at as they become final: what the chain says is due and is not under way is begun,
 * what is no longer due is stopped. Nothing is remembered that the chain knows, so whatever ended an agent, the next one
 * goes on; what the chain does not know is in the journal before it matters.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import { settled } from "../client/settled.ts";
import type { Store } from "../storage/store.ts";
import { type Agent, sender } from "./agent-context.ts";
import { openAgentStore } from "./agent-store.ts";
import { connected, retryMs } from "./connection.ts";
import { Devices } from "./devices.ts";
import { follow } from "./follow.ts";
import { Journal } from "./journal.ts";
import type { AgentOptions } from "./options.ts";
import { openSealingKey } from "./sealing-key.ts";
import { Turns } from "./turns.ts";

export interface RunSignals {
  /** Ends the agent; what is under way goes on when it is started again. */
  readonly stop: AbortSignal;
  /** Takes no more orders, and ends the agent when nothing is left to do. */
  readonly drain?: AbortSignal;
}

/** Runs until it is stopped, or drained. @throws AgentError, and ChainError `OtherRuntime`. */
export async function runAgent(options: AgentOptions, { stop, drain }: RunSignals): Promise<void> {
  const journal = await Journal.open(join(options.folder, "journal"));
  const store = await openAgentStore(options).catch(async (error) => {
    await journal.close();
    throw error;
  });
  const parts = { options, journal, store, drain };
  try {
    // After each new connection all that is due is looked at anew.
    while (!(await runOn(await connected(options, stop), parts, stop)));
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    await store.close();
    await journal.close();
  }
}

interface Parts {
  readonly options: AgentOptions;
  readonly journal: Journal;
  readonly store: Store;
  readonly drain: AbortSignal | undefined;
}

/** Works over one connection, and ends it; false when it is of no more use: the node stays away, or has pruned what comes next. */
async function runOn(
  chain: ChainClient,
  { options, journal, store, drain }: Parts,
  stop: AbortSignal,
): Promise<boolean> {
  try {
    const genesis = await chain.request<string>("chain_getBlockHash", 0);
    const head = await chain.request<string>("chain_getFinalizedHead");
    const { number } = await chain.request<{ number: string }>("chain_getHeader", head);
    // What an earlier run sent may be in no block yet.
    const settle = () =>
      settled(chain, options.signer, stop, (transactions) =>
        options.log.info("waits for what was sent before", { transactions }),
      );
    const agent: Agent = {
      options,
      chain,
      journal,
      store,
      log: options.log,
      chainId: genesis.slice(2, 10),
      account: options.signer.account,
      sealing: openSealingKey(options.folder),
      devices: new Devices(options.machines.map(({ device }) => device)),
      uploads: new Turns(),
      send: sender(chain, options.signer, settle),
      get draining() {
        return drain?.aborted === true;
      },
    };
    await settle();
    await follow(agent, { number: Number(number), hash: head }, stop);
    return true;
  } catch (error) {
    const isLost = error instanceof ChainError && (error.code === "Unreachable" || error.code === "Refused");
    if (stop.aborted || !isLost) throw error;
    options.log.warn("the node was lost; connects again", { error: error.message });
    await pause(retryMs, undefined, { signal: stop });
    return false;
  } finally {
    chain.close();
  }
}
