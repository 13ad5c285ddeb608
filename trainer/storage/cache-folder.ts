import { homedir } from "node:os";
import { join } from "node:path";

/** Where commands of this user keep what can be fetched again, after the XDG Base Directory Specification. */
export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "matrixai");
