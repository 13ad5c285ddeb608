import { defineConfig } from "vitest/config";

/** Tests lie beside the code they test; whole-system ones lie in `test/`. */
export default defineConfig({
  test: {
    include: ["{runtime,pallets,chain-spec,node,trainer,scripts,test}/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default"],
  },
});
