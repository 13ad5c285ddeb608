import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import type { SignatureCheck } from "../../runtime/primitives/signature.ts";
import type { SignatureItem, SignatureVerifier } from "./types.ts";
import { VerifiedSet } from "./verified-set.ts";

/** Some times what the pool can hold, so that what was checked on arrival is still known in its block. */
const rememberedSignatures = 32_768;
/** Checks that may be under way for blocks whose turn has not come: a second of work or more, in a few megabytes. */
const maxAhead = 4_096;

/**
 * Every signature is checked once, whether it comes through the pool or in a block.
 * What is remembered is the extrinsic together with what was signed: on another fork the same extrinsic may stand
 * for another payload, because the block that its era begins with is part of that.
 */
export class SignatureChecks {
  readonly #verified = new VerifiedSet(rememberedSignatures);
  readonly #verifier: SignatureVerifier;
  /** What the workers are asked at present. */
  readonly #open = new Map<string, Promise<boolean>>();

  constructor(verifier: SignatureVerifier) {
    this.#verifier = verifier;
  }

  /** Checks here and now what is not known yet: for a block's author, whose transactions the pool has checked. */
  readonly now: SignatureCheck = (extrinsicHash, signature, payload, signer) => {
    const name = nameOf(extrinsicHash, payload);
    if (this.#verified.has(name)) return true;
    const isValid = verifySignature(signature, payload, signer);
    if (isValid) this.#verified.add(name);
    return isValid;
  };

  /**
   * Runs `execute` as if all signatures were right while the workers check those not seen before.
   * Sound, because a block with one wrong signature is refused whatever its execution gives.
   */
  async alongside<T>(execute: (check: SignatureCheck) => T): Promise<{ result: T; areValid: boolean }> {
    const open: Promise<boolean>[] = [];
    const assume: SignatureCheck = (extrinsicHash, signature, payload, signer) => {
      const name = nameOf(extrinsicHash, payload);
      if (this.#verified.has(name)) return true;
      open.push(this.#verify(name, { signature, message: payload, signer }));
      return true;
    };
    let result: T;
    try {
      result = execute(assume);
    } catch (error) {
      // The verdicts do not matter any more, but a rejection must not go unheard.
      for (const verdict of open) verdict.catch(() => undefined);
      throw error;
    }
    const verdicts = await Promise.all(open);
    return { result, areValid: verdicts.every((isValid) => isValid) };
  }

  /**
   * Has the workers begin with what a later block will probably want, so that its own turn finds it known. Nothing is
   * decided by it: a wrong guess costs a check, and what is wrong is asked again when it counts.
   * False says that no more is wanted for now.
   */
  readonly ahead: SignatureCheck = (extrinsicHash, signature, payload, signer) => {
    const name = nameOf(extrinsicHash, payload);
    if (this.#open.has(name) || this.#verified.has(name)) return true;
    if (this.#open.size >= maxAhead) return false;
    // A worker that failed is met again when the check counts.
    this.#verify(name, { signature, message: payload, signer }).catch(() => undefined);
    return true;
  };

  #verify(name: string, item: SignatureItem): Promise<boolean> {
    const open = this.#open.get(name);
    if (open) return open;
    const verdict = this.#verifier.verify(item).then((isValid) => {
      if (isValid) this.#verified.add(name);
      return isValid;
    });
    this.#open.set(name, verdict);
    const forget = () => this.#open.delete(name);
    verdict.then(forget, forget);
    return verdict;
  }
}

/** A payload has at most 256 bytes, because longer ones are hashed. */
const nameOf = (extrinsicHash: Uint8Array, payload: Uint8Array): string =>
  keyText(extrinsicHash) + keyText(payload);
