import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { printTable, ratioOf, type Table } from "./table.ts";

/** `npm run bench -- [NAME...] [--save] [--json]`: see README.md beside this file. */
const benches: Readonly<Record<string, () => Promise<Table | readonly Table[]>>> = {
  runtime: async () => (await import("./runtime.bench.ts")).runtimeBench(),
  transfer: async () => (await import("./transfer.bench.ts")).transferBench(),
  state: async () => (await import("./state.bench.ts")).stateBench(),
  economy: async () => (await import("./economy.bench.ts")).economyBench(),
  rpc: async () => (await import("./rpc.bench.ts")).rpcBench(),
  verify: async () => (await import("./verify.bench.ts")).verifyBench(),
  network: async () => (await import("./network.bench.ts")).networkBench(),
  sync: async () => (await import("./sync.bench.ts")).syncBench(),
  agent: async () => (await import("./agent.bench.ts")).agentBench(),
  train: async () => (await import("./train.bench.ts")).trainBench(),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { save: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
});
const unknown = positionals.find((name) => !(name in benches));
if (unknown !== undefined) {
  console.error(`no benchmark ${unknown}; there are ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}

const file = new URL("./baseline.json", import.meta.url);
const baseline = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
const tables: Table[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  for (const table of [await benches[name]!()].flat()) {
    tables.push(table);
    if (!values.json) printTable(table, baseline);
  }
}
if (values.json) console.log(JSON.stringify(tables, null, 2));
if (values.save) {
  const measured = tables.flatMap(({ title, rows }) =>
    rows.map((row) => [`${title}/${row.name}`, ratioOf(row)]),
  );
  writeFileSync(file, `${JSON.stringify({ ...baseline, ...Object.fromEntries(measured) }, null, 2)}\n`);
}
