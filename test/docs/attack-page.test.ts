import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { attackPage } from "./attack-page.ts";

test("docs/attacks.md is what the tests' tables say (node scripts/write-pages.ts)", () => {
  expect(readFileSync(join(import.meta.dirname, "../../docs/attacks.md"), "utf8")).toBe(attackPage());
});
