/** A signal that comes after a time, or when another one does; `clear` it when the work is done. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The time was over, rather than the other signal. */
  readonly passed: boolean;
  clear(): void;
}

/** (`AbortSignal.timeout` keeps its timer, and whatever hangs on it, until the time is over.) */
export function deadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  let passed = false;
  const onOuter = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    passed = true;
    controller.abort(new DOMException(`not done within ${ms / 1000} s`, "TimeoutError"));
  }, ms);
  if (outer?.aborted) onOuter();
  else outer?.addEventListener("abort", onOuter, { once: true });
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", onOuter);
    },
  };
}
