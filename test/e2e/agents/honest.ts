/** Agents of honest trainers within a test's own process. */
import { join } from "node:path";
import { runAgent } from "../../../trainer/agent/agent.ts";
import type { AgentOptions, MachineOptions } from "../../../trainer/agent/options.ts";
import { signerOf } from "../../../trainer/client/signer.ts";
import type { AgentsChain } from "./agents-chain.ts";

export interface Honest {
  /** What it has said: name, message, and fields as JSON. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/** Starts the agent of `//name`; with a machine it trains, without one it inspects. */
export async function honest(
  world: AgentsChain,
  name: string,
  change: Partial<AgentOptions> & { readonly machine?: MachineOptions; readonly drain?: AbortSignal } = {},
): Promise<Honest> {
  const lines: string[] = [];
  const stop = new AbortController();
  const { machine, drain, ...options } = change;
  const say = (message: string, fields?: Record<string, unknown>) => {
    const text = JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? value.toString() : value));
    lines.push(`${name} ${message} ${text}`);
    if (process.env.MATRIXAI_TEST_SHOW) console.log(lines.at(-1));
  };
  const running = runAgent(
    {
      url: world.url,
      signer: await signerOf(`//${name}`),
      machines: machine ? [machine] : [],
      policy: { maxOrders: 4, haste: 2, formats: ["idx", "safetensors"] },
      folder: join(world.folder, name),
      store: { files: { root: world.storage } },
      packages: "file:packages",
      claimFrom: 2n ** 127n,
      log: { info: say, warn: say },
      ...options,
    },
    { stop: stop.signal, ...(drain && { drain }) },
  );
  return {
    lines,
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** A machine of a few MFLOPS that is for hire to everybody. */
export const hireable = (mark: number): MachineOptions => ({
  id: new Uint8Array(16).fill(mark),
  declared: 20_000_000n,
  offer: { price_per_ut: 1_000n * 10n ** 12n, longest: 5_000, disk: 128 },
  device: { threads: 1 },
});
