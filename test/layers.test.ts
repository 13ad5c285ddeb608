import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { type Layer, layers } from "./layers.ts";

const root = join(import.meta.dirname, "..");
const files = globSync("{runtime,pallets,chain-spec,node,trainer,scripts,docs,test}/**/*.ts", { cwd: root });
const isTest = (file: string) => /\.test\.ts$|\/testing\/|^test\//.test(file);

/** Every module named after `from`, in `import "x"` or in `import("x")`, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8").replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;"'`]*?from\s*["']([^"']+)["']|import\s*\(?\s*["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((m) => (m[1] ?? m[2]) as string);
}

function layerOf(file: string): Layer {
  const owners = layers.filter((l) => file.startsWith(`${l.folder}/`));
  const owner = owners.sort((a, b) => b.folder.length - a.folder.length)[0];
  if (owner === undefined) throw new Error(`${file} lies in no layer of test/layers.ts`);
  return owner;
}

/** A test beside its code may import what its layer may, and any package. */
function badEdges(file: string): string[] {
  const layer = layerOf(file);
  return importsOf(file).flatMap((name) => {
    if (!name.startsWith(".")) {
      const allowed =
        isTest(file) || layer.packages === undefined || layer.packages.some((p) => p.test(name));
      return allowed ? [] : [`${file} imports the package ${name}`];
    }
    const target = normalize(join(dirname(file), name));
    const folder = layerOf(target).folder;
    const open =
      folder === layer.folder ||
      layer.mayImport.some(
        (f) =>
          folder === f ||
          ((layer.folder === "test" || layer.folder === "scripts") && folder.startsWith(`${f}/`)),
      );
    return open || (target.startsWith("test/") && isTest(file)) ? [] : [`${file} imports ${target}`];
  });
}

test("every import points down the table", () => {
  expect(files.flatMap(badEdges)).toEqual([]);
});

test("no ring of imports", () => {
  const graph = new Map(
    files.map((f) => [
      f,
      importsOf(f)
        .filter((n) => n.startsWith("."))
        .map((n) => normalize(join(dirname(f), n))),
    ]),
  );
  const state = new Map<string, "open" | "done">();
  const rings: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      rings.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      return;
    }
    state.set(file, "open");
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, "done");
  };
  for (const file of files) visit(file, []);
  expect(rings).toEqual([]);
});

test("the deterministic core holds no clock, random, float routine, async or I/O", () => {
  const banned =
    /\bDate\b|\bMath\.(?:random|pow|exp|log\w*|sqrt|sin|cos|tan)\b|\basync\b|\bsetTimeout\b|\bprocess\.|\bfetch\(|from "node:/;
  const core = files.filter((f) => /^(runtime|pallets)\//.test(f) && !isTest(f));
  const bad = core.flatMap((f) =>
    readFileSync(join(root, f), "utf8")
      .split("\n")
      .map((line, i) => ({ line, at: `${f}:${i + 1}` }))
      .filter(
        ({ line }) => !/^\s*(\/\/|\*|\/\*)/.test(line) && banned.test(line.replace(/"[^"]*"|`[^`]*`/g, '""')),
      )
      .map(({ at, line }) => `${at} ${line.trim()}`),
  );
  expect(bad).toEqual([]);
});
