import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

/** What the program calls itself, to people and to clients. */
export const program = { name: "matrixai", version: manifest.version } as const;
