/** The files of an order on their way into storage: each is put there once, whatever ends the agent in between. */
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { addressIn, putFile, putIndex, type StoredFile } from "../storage/bundle.ts";
import { hashFile } from "../storage/content-hash.ts";
import { keysOfSecret, type SealKeys, sealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { orderFolder } from "./order-duty.ts";

/** A file that is stored, and the hash of what was stored, before it was sealed. */
interface Kept {
  readonly plain: string;
  readonly stored: StoredFile;
}

export class Upload {
  /** Of all that is stored for the order, where its buyer wants that sealed. */
  readonly keys: SealKeys | undefined;
  readonly #agent: Agent;
  readonly #order: number;
  readonly #recipients: readonly Uint8Array[];
  readonly #signal: AbortSignal;

  private constructor(
    agent: Agent,
    order: number,
    recipient: Uint8Array | undefined,
    keys: SealKeys | undefined,
    signal: AbortSignal,
  ) {
    this.#agent = agent;
    this.#order = order;
    this.#recipients = recipient === undefined ? [] : [recipient];
    this.keys = keys;
    this.#signal = signal;
  }

  /** Opens what is stored for an order; `recipient` is the buyer's key to which it is to be sealed. */
  static async open(
    agent: Agent,
    order: number,
    recipient: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<Upload> {
    if (recipient === undefined) return new Upload(agent, order, undefined, undefined, signal);
    const keys = await agent.uploads.take(`${order}`, signal, async () => {
      const row = `${uploadKeys(order)}seal`;
      const known = await agent.journal.get<string>(row);
      if (known !== undefined) return keysOfSecret(fromHex(known)!);
      // On the disk before anything is sealed to it.
      const made = sealKeys();
      await agent.journal.put(row, toHex(new Uint8Array(made.secretKey)));
      return made;
    });
    return new Upload(agent, order, recipient, keys, signal);
  }

  /** Stores a file, unless it is stored; what lies under a name never changes. @throws StorageError, AgentError `Journal`. */
  put(path: string, name = basename(path)): Promise<StoredFile> {
    const { journal, store, uploads } = this.#agent;
    return uploads.take(`${this.#order}`, this.#signal, async () => {
      const row = `${uploadKeys(this.#order)}file/${name}`;
      const plain = await hashFile(path, this.#signal);
      const known = await journal.get<Kept>(row);
      if (known?.plain === plain) return known.stored;
      const stored = await putFile(store, path, name, this.#how());
      await journal.put(row, { plain, stored } satisfies Kept);
      return stored;
    });
  }

  /** Stores what says where the files lie, by the names that readers know them by; returns its address. @throws StorageError. */
  async index(files: Readonly<Record<string, StoredFile>>, name: string): Promise<string> {
    const { store, uploads } = this.#agent;
    const folder = orderFolder(this.#agent, this.#order);
    await mkdir(folder, { recursive: true });
    return uploads.take(`${this.#order}`, this.#signal, () =>
      putIndex(store, files, join(folder, `${name}.new`), {
        ...this.#how(),
        recipients: this.#recipients,
        name,
      }),
    );
  }

  #how() {
    return {
      base: baseOf(this.#agent, this.#order),
      signal: this.#signal,
      ...(this.keys && { keys: this.keys }),
    };
  }
}

/** With what the keys of the journal begin that tell what is stored for an order. */
export const uploadKeys = (order: number): string => `order/${order}/stored/`;

/** Orders of two chains, or of one chain begun anew, must not overwrite each other's packages. */
function baseOf({ options: { packages }, chainId }: Agent, order: number): string {
  return packages === "ipfs:" ? packages : addressIn(packages, `${chainId}-order-${order}`);
}
