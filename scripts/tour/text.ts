/** A share of 0 to 1 as people read it. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Minutes and seconds. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
