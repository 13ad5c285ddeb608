/** An inspector that says what a test tells it to, without having looked. */

import { type Finding, type Verdict, verdictCommitment } from "../../../pallets/proof-of-training/index.ts";
import { equalBytes } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../../trainer/client/chain-client.ts";
import type { Signer } from "../../../trainer/client/signer.ts";
import { blake2b256 } from "../../../trainer/engine/data/blake2b.ts";
import type { Chronicle } from "./chronicle.ts";

/** What a verdict that accepts must speak of. */
const looked = ["Identity", "Start", "Rule2", "Rule5", "Losses", "ReExecution", "Work"] as const;

const finding = (rule: Finding["rule"], passed: boolean): Finding => ({
  rule,
  number: 0,
  value: passed ? 0n : 1n,
  relation: "Equal",
  threshold: 0n,
  passed,
});

/** A verdict with invented numbers, such as the chain takes. */
export const blindly = (ruling: "Accepted" | "Rejected"): Verdict => ({
  ruling,
  findings: looked.map((rule) => finding(rule, ruling === "Accepted")),
  fault: undefined,
  flop: ruling === "Accepted" ? 1n : 0n,
  accuracy: undefined,
  report: blake2b256(Buffer.from("looked at nothing")),
});

export class BadInspector {
  readonly signer: Signer;
  readonly #chain: ChainClient;
  readonly #chronicle: Chronicle;
  readonly #salt = new Uint8Array(32).fill(7);

  constructor(chain: ChainClient, chronicle: Chronicle, signer: Signer) {
    this.#chain = chain;
    this.#chronicle = chronicle;
    this.signer = signer;
  }

  /** Waits for its seat on an order's panel. */
  async seated(order: number): Promise<void> {
    const { inspectors } = await this.#chronicle.first(order, "ProofOfTraining.InspectorsDrawn");
    const has = (inspectors as Uint8Array[]).some((each) => equalBytes(each, this.signer.account));
    if (!has) throw new Error(`order ${order} is inspected by others`);
  }

  /** Commits to a verdict. */
  async commit(order: number, verdict: Verdict): Promise<void> {
    await this.commitTo(order, verdictCommitment(order, this.signer.account, verdict, this.#salt));
  }

  /** Commits to whatever these bytes may be. */
  async commitTo(order: number, commitment: Uint8Array): Promise<void> {
    const value = { type: "commit_verdict", value: { order, commitment } } as const;
    await this.#chain.submit(this.signer, { type: "ProofOfTraining", value });
  }

  /** Opens its commitment, once all have made theirs. */
  async reveal(order: number, verdict: Verdict): Promise<void> {
    await this.#chronicle.first(order, "ProofOfTraining.RevealBegun");
    const value = { type: "reveal_verdict", value: { order, verdict, salt: this.#salt } } as const;
    await this.#chain.submit(this.signer, { type: "ProofOfTraining", value });
  }
}
