/** What an agent may forget: the work and the notes of what is over. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Agent } from "./agent-context.ts";
import type { Duties } from "./duties.ts";
import { packageKeys } from "./handing-in.ts";
import { seatKey } from "./inspection-duty.ts";
import { uploadKeys } from "./upload.ts";
import type { View } from "./view.ts";

/** A first panel, one after a split, an appeal. */
const rounds = [0, 1, 2];

/** Removes the work and the notes of orders that are over. */
export async function tidy(agent: Agent, view: View, duties: Duties): Promise<void> {
  const { journal, options, log } = agent;
  const folder = join(options.folder, "orders");
  for (const id of await readdir(folder).catch(() => [])) {
    if (view.orders.has(Number(id)) || duties.has(`order/${id}`) || duties.has(`order/${id}/stopped`))
      continue;
    // The notes first: where the folder is gone nothing would lead to them.
    const notes = [
      ...Object.values(packageKeys(Number(id))),
      ...(await journal.keys(uploadKeys(Number(id)))),
    ];
    for (const key of notes) await journal.forget(key);
    await rm(join(folder, id), { recursive: true, force: true });
    log.info("cleared away", { order: Number(id) });
  }
  const { inspections } = view.facts.duties;
  const isJudged = (order: number) =>
    inspections.some((seat) => seat.order === order) ||
    rounds.some((round) => duties.has(seatKey({ order, round })));
  await clear(join(options.folder, "inspections"), isJudged);
  await clear(join(options.folder, "appeals"), (order) => duties.has(`appeal/${order}`));
  const seats = new Set(inspections.map(seatKey));
  for (const key of await journal.keys("inspection/")) {
    if (!seats.has(key) && !duties.has(key)) await journal.forget(key);
  }
}

/** Removes what was fetched for work that is not under way any more: a crash has left it. */
async function clear(folder: string, isNeeded: (order: number) => boolean): Promise<void> {
  for (const id of await readdir(folder).catch(() => []))
    if (!isNeeded(Number(id))) await rm(join(folder, id), { recursive: true, force: true });
}
