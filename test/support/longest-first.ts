/** In which order test files begin: what takes minutes first, so that at the end nobody waits for one of them. */
import { relative, sep } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take more than a minute of a quiet machine, the longest first; then folders, whole systems before parts. */
const order: readonly string[] = [
  "test/docs/commands",
  "test/e2e/agent-crash",
  "test/e2e/start",
  "test/e2e/storage",
  "test/e2e/project",
  "test/e2e/privacy",
  "test/e2e/drilling",
  "test/e2e/attacks",
  "test/network",
  "test/e2e/agent",
  "test/e2e/cli",
  "test/e2e",
  "trainer/cli/cli",
  "trainer/proof/inspection/inspect",
  "test",
  "trainer",
  "node",
  "scripts",
];

export class LongestFirst extends BaseSequencer {
  /** By the list above, and within one of its lines as Vitest would: by time where it knows it, or by size. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const path = relative(process.cwd(), moduleId).replaceAll(sep, "/");
  const place = order.findIndex((start) => path.startsWith(start));
  return place === -1 ? order.length : place;
}
