import { readFileSync } from "node:fs";
import type { Child } from "../../scripts/tour/children.ts";

/**
 * Time of the processor that a process has taken so far, with that of its children that have ended, in ms; Linux counts it in
 * hundredths of a second.
 */
export function cpuMs({ process: { pid } }: Child): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return 10 * (user! + system! + childrenUser! + childrenSystem!);
}
