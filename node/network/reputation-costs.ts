import type { Misbehaviour } from "./types.ts";

/** At this value a peer is disconnected and banned for a time. */
export const banThreshold = -100;

/** What each misbehaviour costs unless the reporter says otherwise. What cannot happen to an honest node costs most. */
export const costs: Readonly<Record<Misbehaviour, number>> = {
  Malformed: 50,
  Oversized: 50,
  Spam: 10,
  Slow: 5,
  Invalid: 35,
  Unrequested: 25,
  Useless: 5,
  Foreign: 100,
};
