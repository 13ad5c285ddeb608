/** Writes the pages of the documentation that follow from the code and its tests: states, events and attacks. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { attackPage } from "../test/docs/attack-page.ts";
import { eventPage } from "../test/docs/event-page.ts";
import { statePage } from "../test/docs/state-page.ts";

const folder = join(import.meta.dirname, "../docs");
writeFileSync(join(folder, "states.md"), statePage());
writeFileSync(join(folder, "events.md"), eventPage());
writeFileSync(join(folder, "attacks.md"), attackPage());
