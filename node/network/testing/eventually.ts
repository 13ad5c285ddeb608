import { expect } from "vitest";

/** `expect.poll` with patience for a machine that does much else. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 60_000, interval: 50 });
