/** Pages as one shell script: what a reader would type, in that order, in one shell and one folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fence, hiddenLanguage } from "./fences.ts";

const root = join(import.meta.dirname, "../..");

/** What stands before the first command. A block in the background is awaited until a node answers, as a reader would. */
const opening = `
set -euo pipefail
node_pids=()
answers() { curl -sf -o /dev/null -H 'content-type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"system_health","params":[]}' "http://127.0.0.1:$1"; }
await_node() { for _ in $(seq 600); do if answers "$1"; then return; fi; sleep 0.2; done; echo "no node answers at port $1"; return 1; }
# In a group of its own, so that what it starts ends with it.
in_background() { setsid bash -euo pipefail "$1" > "$1.log" 2>&1 & node_pids+=($!); }
stop_background() { for pid in "\${node_pids[@]}"; do kill -INT -- "-$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done; node_pids=(); }
trap stop_background EXIT
`;

/** The script of some fences. Blocks with the name of a file become that file. */
export function scriptOf(fences: readonly Fence[]): string {
  return opening + fences.map(partOf).join("");
}

function partOf(fence: Fence, index: number): string {
  const { page, line, language, word, text } = fence;
  const here = `echo '>>> ${page}:${line}'\n`;
  if (language === hiddenLanguage) return here + text;
  if (language !== "sh") return word === "" ? "" : heredoc(word, text);
  if (word === "") return here + text;
  if (word !== "background") return "";
  const [, port = "9944"] = /--rpc-port (\d+)/.exec(text) ?? [];
  const isNode = /matrixai node|scripts\/start/.test(text);
  return `${here}${heredoc(`block-${index}.sh`, text)}in_background block-${index}.sh\n${isNode ? `await_node ${port}\n` : ""}`;
}

const heredoc = (file: string, text: string): string =>
  `mkdir -p "$(dirname '${file}')"\ncat > '${file}' <<'END_OF_FILE'\n${text}END_OF_FILE\n`;

export interface Played {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Plays a script in a folder that looks like the project's root. Where the system allows it, in a network of its own, so
 * that the ports of the pages are free.
 */
export async function play(script: string, folder: string, ownNetwork: boolean): Promise<Played> {
  mkdirSync(join(folder, "data"), { recursive: true });
  for (const name of ["scripts", "test", "docs", "node_modules"])
    symlinkSync(join(root, name), join(folder, name));
  const file = join(folder, "pages.sh");
  writeFileSync(file, script);
  const up = "ip link set lo up; exec bash pages.sh";
  const [command, ...args] = ownNetwork
    ? ["unshare", "--net", "--map-root-user", "bash", "-c", up]
    : ["bash", "pages.sh"];
  const child = spawn(command as string, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NO_COLOR: "1",
      XDG_DATA_HOME: join(folder, "home"),
      XDG_CACHE_HOME: join(folder, "cache"),
    },
  });
  return { ...(await ended(child)) };
}

function ended(child: ChildProcess): Promise<Played> {
  let output = "";
  const listen = (chunk: Buffer) => {
    output += chunk.toString();
    if (process.env.MATRIXAI_TEST_SHOW) process.stdout.write(chunk);
  };
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}
