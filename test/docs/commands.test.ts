/** Every command that a page shows is run as a reader would run it, or is known to be run by another test. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsIn, type Fence, fencesOf } from "./fences.ts";
import { play, scriptOf } from "./scene.ts";

const root = join(import.meta.dirname, "../..");
const pages = globSync(["README.md", "docs/**/*.md"], { cwd: root }).sort();
const fences = new Map<string, Fence[]>(
  pages.map((page) => [page, fencesOf(page, readFileSync(join(root, page), "utf8"))]),
);

/** What is played, each in one folder, one page after the other. */
const scenes: readonly (readonly string[])[] = [
  ["docs/training.md"],
  ["docs/guides/run-a-node.md", "README.md", "docs/guides/index-the-chain.md", "docs/guides/operate.md"],
];

/** Commands of other pages that have tests of their own. */
const runElsewhere: Readonly<Record<string, string>> = {
  "./scripts/start": "test/e2e/start.test.ts",
  "./scripts/localnet": "test/e2e/localnet.test.ts",
  "./scripts/test": ".ci/run",
};

/** What only an administrator, or another machine, can do. */
const outside = /^(sudo|git|npm|apt-get|systemctl|export \w+=) /;

const hasNetworks = spawnSync("unshare", ["--net", "--map-root-user", "true"]).status === 0;

test.each(scenes.map((scene) => ({ scene })))("$scene can be followed to the end", async ({ scene }) => {
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
});

const shell = [...fences.values()].flat().filter(({ language }) => language === "sh");
const played = new Set(scenes.flat());

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
function isUnderstood(command: string): boolean {
  const [program, ...words] = command.split(/\s+/);
  if (program !== "./scripts/matrixai") return false;
  const names = words.slice(0, words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word)) >>> 0);
  for (let length = Math.min(2, names.length); length > 0; length--) {
    const { status, stdout } = spawnSync(
      join(root, "scripts/matrixai"),
      [...names.slice(0, length), "--help"],
      {
        encoding: "utf8",
      },
    );
    const options = words.filter((word) => word.startsWith("--")).map((word) => word.replace(/=.*/, ""));
    if (status === 0 && stdout.includes(`matrixai ${names.slice(0, length).join(" ")}`))
      return options.every((option) => new RegExp(`${option}\\b`).test(stdout));
  }
  return false;
}

test("every link between pages leads somewhere", () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, link]) => link as string)
      .filter((link) => !existsSync(join(root, page, "..", link)))
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});
