import type { FinalityNetwork, Verdict } from "../types.ts";

type MessageHandler = (message: Uint8Array, peer: string) => Verdict;
type RequestHandler = (request: Uint8Array, peer: string) => Uint8Array;

/** A network in memory: everybody hears everybody, unless `isCut` says otherwise. */
export class Hub {
  readonly #messages = new Map<string, MessageHandler>();
  readonly #requests = new Map<string, RequestHandler>();
  /** What was said, by whom, with what the hearers made of it. */
  readonly log: {
    readonly from: string;
    readonly to: string;
    readonly verdict: Verdict;
    readonly bytes: Uint8Array;
  }[] = [];
  readonly badAnswers: string[] = [];
  isCut: (from: string, to: string) => boolean = () => false;

  /** Says something in the name of `from`; resolves when all have heard it. */
  async say(from: string, bytes: Uint8Array): Promise<void> {
    await Promise.resolve();
    for (const [to, handler] of this.#messages) {
      if (to === from || this.isCut(from, to)) continue;
      this.log.push({ from, to, verdict: handler(bytes, from), bytes });
    }
  }

  join(name: string): FinalityNetwork {
    return {
      broadcast: (message) => void this.say(name, message),
      onMessage: (handler) => {
        this.#messages.set(name, handler);
        return () => this.#messages.delete(name);
      },
      neighbors: () => [...this.#messages.keys()].filter((to) => to !== name && !this.isCut(name, to)),
      requestCatchUp: async (peer, request) => {
        const handler = this.#requests.get(peer);
        if (!handler || this.isCut(name, peer)) throw new Error(`${peer} is not there`);
        return handler(request, name);
      },
      onCatchUpRequest: (handler) => {
        this.#requests.set(name, handler);
        return () => this.#requests.delete(name);
      },
      reportBadAnswer: (peer) => void this.badAnswers.push(peer),
    };
  }

  /** Answers requests in the name of `name`, whatever the node there would say. */
  impersonate(name: string, handler: RequestHandler): void {
    this.#requests.set(name, handler);
  }
}
