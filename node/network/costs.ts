import type { Misbehaviour } from "./types.ts";

/** At this value a peer is disconnected and banned for a time. */
export const banThreshold = -100;

/**
 * What each misbehaviour costs unless the reporter says otherwise. What no honest node does ends a connection after two
 * or three times; what one does that has too much to do, or a bad line, only when it never stops.
 */
export const costs: Readonly<Record<Misbehaviour, number>> = {
  Malformed: 50,
  Oversized: 50,
  Spam: 2,
  Slow: 1,
  Invalid: 35,
  Unrequested: 25,
  Useless: 5,
  Foreign: 100,
};
