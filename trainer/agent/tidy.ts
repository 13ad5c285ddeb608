/** What an agent may forget: the work and the notes of what is over. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Agent } from "./agent-context.ts";
import type { Duties } from "./duties.ts";
import { packageKeys } from "./handing-in.ts";
import { seatKey } from "./inspection-duty.ts";
import type { View } from "./view.ts";

/** Removes the work and the notes of orders that are over. */
export async function tidy(agent: Agent, view: View, duties: Duties): Promise<void> {
  const { journal, options, log } = agent;
  const folder = join(options.folder, "orders");
  for (const id of await readdir(folder).catch(() => [])) {
    if (view.orders.has(Number(id)) || duties.has(`order/${id}`) || duties.has(`order/${id}/stopped`))
      continue;
    await rm(join(folder, id), { recursive: true, force: true });
    for (const key of Object.values(packageKeys(Number(id)))) await journal.forget(key);
    log.info("cleared away", { order: Number(id) });
  }
  const seats = new Set(view.facts.duties.inspections.map(seatKey));
  for (const key of await journal.keys("inspection/")) {
    if (!seats.has(key) && !duties.has(key)) await journal.forget(key);
  }
}
