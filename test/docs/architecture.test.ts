/** The map says what is there: its folders exist, and every package has its reason. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { layers } from "../layers.ts";

const root = join(import.meta.dirname, "../..");
const text = (name: string) => readFileSync(join(root, name), "utf8");
const map = text("ARCHITECTURE.md");
const sectionOf = (title: string) => map.split(`## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
const firstCells = (section: string) =>
  [...section.matchAll(/^\| (?!---)([^|]+) \|/gm)].slice(1).map(([, cell]) => cell!);
const codeIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

/** Whether a name of the map is that of a folder or package: `*` stands for anything. */
const matches = (pattern: string, name: string) =>
  new RegExp(`^${pattern.replaceAll(/[.+]/g, "\\$&").replaceAll("*", ".*")}$`).test(name);

test("every layer has an owner in the map, and every owner is a layer", () => {
  const owners = firstCells(sectionOf("Who owns what")).flatMap(codeIn);
  const folders = owners.map((owner) => owner.replace(/\/(<name>|\*\.ts)$/, ""));
  expect(folders.filter((folder) => globSync(folder, { cwd: root }).length === 0)).toEqual([]);
  const known = [...folders, "node", "trainer"];
  expect(layers.map(({ folder }) => folder).filter((folder) => !known.includes(folder))).toEqual([]);
});

test("every package that is installed has its reason, and no other is named", () => {
  const { dependencies, devDependencies, optionalDependencies, overrides } = JSON.parse(text("package.json"));
  const installed = Object.keys({
    ...dependencies,
    ...devDependencies,
    ...optionalDependencies,
    ...overrides,
  });
  const named = firstCells(sectionOf("Dependencies")).flatMap(codeIn);
  expect(installed.filter((name) => !named.some((pattern) => matches(pattern, name)))).toEqual([]);
  expect(named.filter((pattern) => !installed.some((name) => matches(pattern, name)))).toEqual([]);
});

test("every file that a journey passes is there", () => {
  const files = globSync("{runtime,pallets,chain-spec,node,trainer,scripts,test}/**/*.ts", { cwd: root });
  const named = [...map.matchAll(/`([\w*/-]+\.ts)`/g)].map(([, file]) => file!);
  const isThere = (name: string) => files.some((file) => matches(name, file) || file.endsWith(`/${name}`));
  expect(named.filter((name) => !isThere(name))).toEqual([]);
});
