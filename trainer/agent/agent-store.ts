/** An agent's storage: strangers' addresses are read through it, and what it stores must stay within others' reach. */
import { join } from "node:path";
import { StorageError } from "../storage/error.ts";
import { openStore, type Store } from "../storage/store.ts";
import type { AgentOptions } from "./options.ts";

/** Where an embedded IPFS node listens, unless told: its port must not change, for addresses on the chain hold it. */
const usualListen = ["/ip4/0.0.0.0/tcp/4001"];

/**
 * Opens it. A trainer whose packages lie in its own IPFS node has it running from now on, whether it stores or not:
 * inspectors and buyers fetch what it stored before. @throws StorageError where nobody could.
 */
export async function openAgentStore({
  store: options,
  folder,
  packages,
  results,
  machines,
  log,
}: Pick<AgentOptions, "store" | "folder" | "packages" | "results" | "machines" | "log">): Promise<Store> {
  const { ipfs = {}, web = {} } = options;
  if ("rpc" in ipfs || "gateway" in ipfs) return openStore(options);
  const serves = [packages, results].includes("ipfs:") && machines.length > 0;
  const node = {
    folder: join(folder, "ipfs"),
    inner: web.inner ?? false,
    ...(serves && { listen: usualListen }),
    ...ipfs,
  };
  const store = openStore({ ...options, ipfs: node });
  if (!serves) return store;
  try {
    const addresses = await store.ipfsAddresses();
    if (addresses.length + (node.peers?.length ?? 0) === 0)
      throw new StorageError(
        "BadAddress",
        "packages are stored in this machine's IPFS node, which has no public address: say one in ipfs.announce, or set ipfs.rpc, or packages to an s3: or https: address",
      );
    log.info("serves what it stores", { addresses });
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
