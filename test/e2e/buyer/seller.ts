/** A trainer that trains for real, and inspectors who believe it, each step a call through the client library. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { storage as machines } from "../../../pallets/machines/index.ts";
import { solve } from "../../../pallets/machines/testing/solver.ts";
import { accepts, rejects } from "../../../pallets/marketplace/testing/market.ts";
import { verdictCommitment } from "../../../pallets/proof-of-training/index.ts";
import type { RuntimeCall } from "../../../runtime/index.ts";
import { equalBytes, textBytes, toHex } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../../trainer/client/chain-client.ts";
import { type OrderDetails, orderOf } from "../../../trainer/client/queries.ts";
import type { Signer } from "../../../trainer/client/signer.ts";
import { openDevice } from "../../../trainer/engine/device/device.ts";
import { openJob } from "../../../trainer/job/open-job.ts";
import { fromHex, type Hash, hashOf } from "../../../trainer/proof/canonical.ts";
import type { Link } from "../../../trainer/proof/chain.ts";
import { encodeManifest, parseManifest } from "../../../trainer/proof/manifest.ts";
import { Package } from "../../../trainer/proof/package.ts";
import { record } from "../../../trainer/proof/record.ts";
import { putBundle } from "../../../trainer/storage/bundle.ts";
import { sealKeys } from "../../../trainer/storage/sealed.ts";
import { openStore } from "../../../trainer/storage/store.ts";

const mai = 10n ** 12n;
const pauseMs = 100;

/** Asks again until there is an answer. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`waited in vain for ${what}`);
}

export class Seller {
  readonly machine = new Uint8Array(16).fill(7);
  readonly #chain: ChainClient;
  readonly #trainer: Signer;
  readonly #inspectors: readonly Signer[];
  readonly #folder: string;

  constructor(chain: ChainClient, trainer: Signer, inspectors: readonly Signer[], folder: string) {
    this.#chain = chain;
    this.#trainer = trainer;
    this.#inspectors = inspectors;
    this.#folder = folder;
  }

  /** Adds its machine, answers the challenge, and puts it up for hire. */
  async open(): Promise<void> {
    const { machine: id } = this;
    // Nobody is drawn for a sealed order to whom its keys could not be given.
    for (const who of this.#inspectors)
      await this.#do("TrainerStaking", "set_sealing_key", { key: sealKeys().publicKey }, who);
    const metadata = textBytes(JSON.stringify({ cpu: "one of a test", gpus: [] }));
    await this.#do("Machines", "add_machine", { id, metadata, declared_capacity: 1_000_000n });
    const asked = await until("a challenge", async () => {
      const found = await this.#chain.read(machines.Challenges, [id]);
      return found?.state === "Issued" ? found : undefined;
    });
    const solved = solve(asked);
    await this.#do("Machines", "commit_challenge", { id, root: solved.commitment });
    const randomness = await until(
      "its entries",
      async () => (await this.#chain.read(machines.Challenges, [id]))?.randomness,
    );
    const openings = solved.open(randomness, 8);
    const proof = { roots: solved.roots, paths: openings.map(({ siblings }) => siblings) };
    await this.#do("Machines", "answer_challenge", { id, entries: openings.map(({ leaf }) => leaf), proof });
    const terms = { price_per_ut: 100n * mai, longest: 20_000, disk: 4_096 };
    await this.#do("Marketplace", "make_offer", { machine: id, terms });
  }

  /** Takes an order and trains it; `before` runs before each checkpoint is anchored. Returns where the package lies. */
  async train(order: number, before: (link: Link) => Promise<void> = async () => undefined): Promise<string> {
    await this.#do("Marketplace", "accept_order", { order });
    const randomness = await until(
      "a seed",
      async () => (await this.#order(order)).info.order?.deal?.randomness,
    );
    const { spec } = (await this.#order(order)).info.order!;
    const parsed = parseManifest(readFileSync(new URL(Buffer.from(spec.manifest_uri).toString())));
    if (!parsed.ok || hashOf(encodeManifest(parsed.manifest)) !== toHex(spec.manifest))
      throw new Error("no manifest");
    const store = openStore({ files: { root: this.#folder } });
    const place = { store, cache: join(this.#folder, "cache"), inPlace: true, note: () => undefined };
    const { job, close } = await openJob(parsed.manifest, place);
    const device = await openDevice({ prefer: ["cpu"], threads: 1 });
    const identity = {
      order,
      trainer: toHex(this.#trainer.account) as Hash,
      randomness: toHex(randomness) as Hash,
    };
    const work = join(this.#folder, `work-${order}`);
    try {
      await record(device, job, identity, new Package(work), {
        onLink: async (link) => {
          await before(link);
          await this.#anchor(order, link);
        },
      });
      const paths = readdirSync(work).map((name) => join(work, name));
      const recipients = spec.recipient ? [spec.recipient] : [];
      const { uri } = await putBundle(store, paths, `file:package-${order}`, { recipients });
      const hash = fromHex(hashOf(readFileSync(join(work, "proof.json"))));
      const value = { hash, uri: textBytes(uri) };
      await this.#do("ProofOfTraining", "submit_proof", { order, package: { type: "Proof", value } });
      return uri;
    } finally {
      device.close();
      close();
      await store.close();
    }
  }

  /** All inspectors say the same; the ruling stands once nobody has appealed. */
  async judge(order: number, isGood: boolean): Promise<void> {
    const { flop } = (await this.#order(order)).info.order!.spec;
    const verdict = { ...(isGood ? accepts : rejects), flop };
    const salt = new Uint8Array(32).fill(5);
    const seats = await until("a panel", async () => {
      const found = (await this.#order(order)).inspection?.seats;
      return found && found.length > 0 ? found : undefined;
    });
    const panel = seats.map(
      ({ inspector }) => this.#inspectors.find((who) => equalBytes(who.account, inspector))!,
    );
    for (const who of panel) {
      const commitment = verdictCommitment(order, who.account, verdict, salt);
      await this.#do("ProofOfTraining", "commit_verdict", { order, commitment }, who);
    }
    for (const who of panel)
      await this.#do("ProofOfTraining", "reveal_verdict", { order, verdict, salt }, who);
  }

  async #anchor(order: number, { index, step, link, loss }: Link): Promise<void> {
    const hash = fromHex(link);
    if (index === 0) return this.#do("ProofOfTraining", "start", { order, link: hash });
    const given = { order, index, step, link: hash, loss: BigInt(Math.round(loss * 1e9)) };
    await this.#do("ProofOfTraining", "anchor", given);
  }

  async #order(order: number): Promise<OrderDetails> {
    return (await orderOf(this.#chain, order))!;
  }

  async #do(pallet: string, name: string, value: object, who = this.#trainer): Promise<void> {
    await this.#chain.submit(who, { type: pallet, value: { type: name, value } } as unknown as RuntimeCall);
  }
}
