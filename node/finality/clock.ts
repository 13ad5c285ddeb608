/** Time as finality uses it; tests have one of their own. */
export interface FinalityClock {
  /** Milliseconds since any moment. */
  now(): number;
  /** Calls back once, later; returns how to prevent that. */
  after(ms: number, call: () => void): () => void;
}

export const systemClock: FinalityClock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
