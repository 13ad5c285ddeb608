/**
 * The map of the project: which folder may import which.
 * `layers.test.ts` reads every import and fails on an edge that is not here, and on a ring.
 */
export interface Layer {
  /** Folder, relative to the root; the longest match owns a file. */
  readonly folder: string;
  /** Folders that its files may import, besides their own. */
  readonly mayImport: readonly string[];
  /** Packages and built-in modules; `undefined` allows all. */
  readonly packages?: readonly RegExp[];
}

const pure = [/^@polkadot\/wasm-crypto$/, /^sodium-native$/, /^@noble\/hashes/];
const runtimeBelow = ["runtime/primitives", "runtime/frame", "pallets", "runtime"];

export const layers: readonly Layer[] = [
  { folder: "runtime/primitives", mayImport: [], packages: pure },
  { folder: "runtime/frame", mayImport: ["runtime/primitives"], packages: [] },
  { folder: "pallets", mayImport: ["runtime/primitives", "runtime/frame"], packages: [] },
  { folder: "runtime", mayImport: ["runtime/primitives", "runtime/frame", "pallets"], packages: [] },
  { folder: "chain-spec", mayImport: runtimeBelow },

  { folder: "node/log", mayImport: [] },
  { folder: "node/metrics", mayImport: [] },
  { folder: "node/db", mayImport: ["node/log"] },
  { folder: "node/keystore", mayImport: ["runtime/primitives"] },
  { folder: "node/network", mayImport: ["runtime/primitives", "node/log", "node/metrics"] },
  { folder: "node/verify", mayImport: ["runtime/primitives", "node/log"] },
  { folder: "node/state", mayImport: ["runtime/primitives", "node/db", "node/log", "node/metrics"] },
  {
    folder: "node/chain",
    mayImport: [
      ...runtimeBelow,
      "chain-spec",
      "node/state",
      "node/db",
      "node/verify",
      "node/log",
      "node/metrics",
    ],
  },
  {
    folder: "node/pool",
    mayImport: [...runtimeBelow, "node/chain", "node/verify", "node/log", "node/metrics"],
  },
  {
    folder: "node/consensus",
    mayImport: [
      ...runtimeBelow,
      "chain-spec",
      "node/chain",
      "node/state",
      "node/pool",
      "node/keystore",
      "node/log",
      "node/metrics",
    ],
  },
  {
    folder: "node/finality",
    mayImport: [
      ...runtimeBelow,
      "chain-spec",
      "node/chain",
      "node/state",
      "node/db",
      "node/keystore",
      "node/log",
      "node/metrics",
    ],
  },
  {
    folder: "node/sync",
    mayImport: [
      ...runtimeBelow,
      "node/chain",
      "node/state",
      "node/db",
      "node/pool",
      "node/consensus",
      "node/finality",
      "node/network",
      "node/log",
      "node/metrics",
    ],
  },
  { folder: "node/rpc/server", mayImport: ["node/log", "node/metrics"] },
  {
    folder: "node/rpc",
    mayImport: [
      ...runtimeBelow,
      "chain-spec",
      "node/rpc/server",
      "node/finality",
      "node/chain",
      "node/state",
      "node/db",
      "node/pool",
      "node/consensus",
      "node/keystore",
      "node/log",
      "node/metrics",
    ],
  },
  {
    folder: "node/service",
    mayImport: [
      ...runtimeBelow,
      "chain-spec",
      "node/rpc",
      "node/rpc/server",
      "node/finality",
      "node/chain",
      "node/state",
      "node/pool",
      "node/consensus",
      "node/network",
      "node/sync",
      "node/keystore",
      "node/verify",
      "node/db",
      "node/log",
      "node/metrics",
    ],
  },
  {
    folder: "node/cli",
    mayImport: [
      ...runtimeBelow,
      "chain-spec",
      "node/rpc/server",
      "node/service",
      "node/rpc",
      "node/chain",
      "node/state",
      "node/consensus",
      "node/finality",
      "node/network",
      "node/sync",
      "node/keystore",
      "node/db",
      "node/log",
      "trainer/cli",
    ],
  },
  { folder: "node", mayImport: ["node/cli"] },

  { folder: "trainer/engine", mayImport: [] },
  { folder: "trainer/proof", mayImport: ["trainer/engine"] },
  { folder: "trainer/storage", mayImport: ["trainer/engine"] },
  { folder: "trainer/hardware", mayImport: ["trainer/engine"] },
  { folder: "trainer/drilling", mayImport: ["trainer/engine", "trainer/storage"] },
  {
    folder: "trainer/client",
    mayImport: ["runtime/primitives", "runtime/frame", "pallets", "runtime"],
  },
  {
    folder: "trainer/job",
    mayImport: [...runtimeBelow, "trainer/engine", "trainer/proof", "trainer/storage"],
  },
  {
    folder: "trainer/agent",
    mayImport: [
      ...runtimeBelow,
      "trainer/client",
      "trainer/engine",
      "trainer/proof",
      "trainer/storage",
      "trainer/hardware",
      "trainer/drilling",
      "trainer/job",
    ],
  },
  {
    folder: "trainer/buyer",
    mayImport: [
      ...runtimeBelow,
      "trainer/client",
      "trainer/engine",
      "trainer/proof",
      "trainer/storage",
      "trainer/job",
    ],
  },
  {
    folder: "trainer/cli",
    mayImport: [
      ...runtimeBelow,
      "trainer/buyer",
      "node/keystore",
      "node/log",
      "node/metrics",
      "trainer/engine",
      "trainer/proof",
      "trainer/storage",
      "trainer/hardware",
      "trainer/drilling",
      "trainer/job",
      "trainer/client",
      "trainer/agent",
    ],
  },

  {
    folder: "scripts",
    mayImport: [...runtimeBelow, "chain-spec", "node", "trainer", "test"],
  },
  { folder: "docs", mayImport: [...runtimeBelow, "trainer/buyer"] },
  { folder: "test", mayImport: [...runtimeBelow, "chain-spec", "node", "trainer", "scripts", "docs"] },
];
