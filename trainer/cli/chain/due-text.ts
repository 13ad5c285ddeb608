import type { Due } from "../../buyer/due.ts";
import { addressOf } from "./account.ts";

/** What was handed out, for the buyer. */
export const dueText = ({ to, what }: Due): string =>
  to === undefined ? `the inspectors are told ${what}` : `${addressOf(to)} is given ${what}`;
