import { attacksByCopying } from "./attacks-by-copying.ts";
import { attacksOnRules } from "./attacks-on-rules.ts";
import { attacksOnWork } from "./attacks-on-work.ts";
import type { Attack } from "./loot.ts";

/** The forgeries that an inspection must find, each built as somebody would who wants to be paid for less work. */
export const attacks: readonly Attack[] = [...attacksOnRules, ...attacksOnWork, ...attacksByCopying];
