/** Every command that a page shows is run as a reader would run it, or is known to be run by another test. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { programWith } from "../../node/cli/commands.ts";
import { commandsIn, type Fence, fencesOf } from "./fences.ts";
import { play, scriptOf } from "./scene.ts";

const root = join(import.meta.dirname, "../..");
const pages = globSync(["README.md", "docs/**/*.md"], { cwd: root }).sort();
const fences = new Map<string, Fence[]>(
  pages.map((page) => [page, fencesOf(page, readFileSync(join(root, page), "utf8"))]),
);

const program = await programWith();

/** What is played, each in one folder, one page after the other. */
const scenes: Readonly<Record<string, readonly string[]>> = {
  "a training without a chain": ["docs/training.md"],
  "a node": [
    "docs/guides/run-a-node.md",
    "README.md",
    "docs/guides/index-the-chain.md",
    "docs/guides/operate.md",
  ],
  "a market": [
    "docs/guides/buy-a-training.md",
    "docs/guides/publish-a-project.md",
    "docs/guides/become-a-trainer.md",
  ],
};

/** Commands of other pages that have tests of their own. */
const runElsewhere: Readonly<Record<string, string>> = {
  "./scripts/start": "test/e2e/start.test.ts",
  "./scripts/localnet": "test/e2e/localnet.test.ts",
  "./scripts/test": ".ci/run",
};

/** A market takes some minutes of two processors, and longer where others want them too. */
const patienceMs = 1_200_000;

/** What only an administrator, or another machine, can do. */
const outside = /^((sudo|git|npm) |export \w+=)/;

const hasNetworks = spawnSync("unshare", ["--net", "--map-root-user", "true"]).status === 0;

// Without networks of their own one after the other, for their ports are the same.
(hasNetworks ? test.concurrent : test).each(Object.entries(scenes))(
  "the pages on %s can be followed to the end",
  async (_, scene) => {
    const folder = mkdtempSync(join(tmpdir(), "matrixai-pages-"));
    try {
      const script = scriptOf(scene.flatMap((page) => fences.get(page) ?? []));
      const { code, output } = await play(script, folder, hasNetworks);
      const logs = globSync("*.log", { cwd: folder }).map((log) =>
        readFileSync(join(folder, log), "utf8").slice(-2_000),
      );
      expect(code, `${output.slice(-4_000)}\n${logs.join("\n---\n")}`).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  patienceMs,
);

const shell = [...fences.values()].flat().filter(({ language }) => language === "sh");
const played = new Set(Object.values(scenes).flat());

test("what no scene plays is run by another test, or needs another machine", () => {
  const lost = shell
    .filter(({ page, word }) => !played.has(page) || word === "elsewhere")
    .flatMap((fence) => commandsIn(fence).map((command) => ({ at: `${fence.page}:${fence.line}`, command })))
    .filter(({ command }) => {
      const by = Object.entries(runElsewhere).find(([prefix]) => command.startsWith(prefix));
      if (by) return !existsSync(join(root, by[1]));
      return !outside.test(command) && !isUnderstood(command);
    });
  expect(lost).toEqual([]);
});

/** Whether the program knows the command and its options. */
function isUnderstood(line: string): boolean {
  const [file, ...words] = line.split(/\s+/);
  if (file !== "./scripts/matrixai") return false;
  let command = program;
  for (const word of words) command = command.commands.find((each) => each.name() === word) ?? command;
  const known = new Set(["--help", ...command.options.map(({ long }) => long)]);
  return (
    command !== program && words.filter((word) => word.startsWith("--")).every((word) => known.has(word))
  );
}

test("what the text between the blocks calls a command is one", () => {
  const unknown = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/`(\.\/scripts\/matrixai [^`]+)`/g)]
      .map(([, command]) => command as string)
      .filter((command) => !/^\S+ (COMMAND )?--help$/.test(command) && !isUnderstood(command))
      .map((command) => `${page}: ${command}`),
  );
  expect(unknown).toEqual([]);
});

test("every command can tell what it does", () => {
  const helpOf = (command: Command): string[] => [
    command.helpInformation(),
    ...command.commands.flatMap(helpOf),
  ];
  for (const help of helpOf(program)) expect(help).toMatch(/^Usage: matrixai/);
});

test("every link between pages leads somewhere", () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, link]) => link as string)
      .filter((link) => !existsSync(join(root, page, "..", link)))
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});
