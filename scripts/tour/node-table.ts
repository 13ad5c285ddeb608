/** How the nodes of a network stand, as a table that is drawn again and again. */
import { table } from "../../trainer/cli/chain/table.ts";
import type { LocalNode } from "./local-network.ts";
import { hasEnded } from "./network.ts";

const patienceMs = 1_000;

/** The table of this moment. */
export async function nodeTable(nodes: readonly LocalNode[]): Promise<string[]> {
  return table(["node", "best", "final", "peers", "state", "RPC"], await Promise.all(nodes.map(rowOf)));
}

async function rowOf({ name, rpc, child }: LocalNode): Promise<string[]> {
  if (hasEnded(child)) return [name, "-", "-", "-", `ended, see ${child.log}`, "-"];
  try {
    const [best, final, health] = await Promise.all([
      call<{ number: string }>(rpc, "chain_getHeader"),
      call<string>(rpc, "chain_getFinalizedHead").then((hash) =>
        call<{ number: string }>(rpc, "chain_getHeader", hash),
      ),
      call<{ peers: number; isSyncing: boolean }>(rpc, "system_health"),
    ]);
    const state = health.isSyncing ? "syncing" : "at the head";
    const height = ({ number }: { number: string }) => String(Number(number));
    return [name, height(best), height(final), String(health.peers), state, rpc.replace("http", "ws")];
  } catch {
    return [name, "-", "-", "-", "no answer yet", "-"];
  }
}

async function call<T>(url: string, method: string, ...params: unknown[]): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(patienceMs),
  });
  const { result } = (await answer.json()) as { result: T };
  return result;
}
