/** Writes what becomes of 20,000 slots of the lottery: the record that tests of its shares look at. A minute of work. */
import { writeFileSync } from "node:fs";
import { outcomeOf, recordPath, slots } from "../node/consensus/testing/lottery-record.ts";

const digitsOfLine = 100;

const lines = Array.from({ length: slots / digitsOfLine }, (_, line) =>
  Array.from({ length: digitsOfLine }, (_, i) => outcomeOf(line * digitsOfLine + i)).join(""),
);
writeFileSync(recordPath, `${lines.join("\n")}\n`);
