import { homedir } from "node:os";
import { join } from "node:path";

/** Where data lies unless told, as the XDG base directory specification has it. */
export const defaultBasePath = (): string =>
  join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "matrixai");

/** Folders of one chain. */
export const chainFolders = (basePath: string, id: string) => ({
  database: join(basePath, "chains", id, "db"),
  keystore: join(basePath, "chains", id, "keystore"),
  network: join(basePath, "chains", id, "network"),
  /** Of the daemon that runs beside the node. */
  trainer: join(basePath, "chains", id, "trainer"),
});
