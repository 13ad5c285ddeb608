import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

const files = (folders: string) => `${folders}/**/*.test.ts`;

/** Tests lie beside the code they test; whole-system ones lie in `test/`. */
export default defineConfig({
  test: {
    // For a machine that is several times slower, or as much busier, than the one where a test takes its longest.
    testTimeout: 900_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    pool: "forks",
    // Tests of whole systems wait half of their time: for blocks, and for other processes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: ["default"],
    projects: [
      {
        extends: true,
        test: { name: "system", include: [files("{runtime,chain-spec,node,trainer,scripts,test}")] },
      },
      {
        extends: true,
        // Most of their time would go to loading all pallets anew for each; they share nothing that changes.
        test: { name: "pallets", include: [files("pallets")], isolate: false },
      },
    ],
  },
});
