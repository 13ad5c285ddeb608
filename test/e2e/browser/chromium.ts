/** Chromium without a window, as Debian and others package it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Where it is: as `CHROMIUM` says, or the first on the path; undefined where there is none. */
export const chromium: string | undefined = [
  ...(process.env.CHROMIUM ? [process.env.CHROMIUM] : []),
  ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
].find(isProgram);

/** Opens an address in a browser with a profile of its own; `args` are of its command line. Closing it ends it. */
export function openPage(url: string, profile: string, args: readonly string[] = []): () => Promise<void> {
  const own = ["--headless=new", `--user-data-dir=${profile}`, "--no-first-run", "--disable-gpu"];
  // In a container its own sandbox cannot be made; the page is ours.
  const contained = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"];
  const child = spawn(chromium!, [...own, ...contained, ...args, url], { stdio: "ignore" });
  const ended = once(child, "exit");
  return async () => {
    child.kill("SIGTERM");
    await ended;
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
