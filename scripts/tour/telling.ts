/** Follows the chain block by block, and tells the screen what happens. */
import type { ChainClient } from "../../trainer/client/chain-client.ts";
import { look } from "./look.ts";
import { newsOf } from "./news.ts";
import type { Picture } from "./picture.ts";
import type { Screen } from "./screen.ts";
import { Story } from "./story.ts";
import { Found, withMemory } from "./subjects.ts";

const drawnEveryMs = 1_000;
const keptNews = 20;

export interface TellingOptions {
  readonly screen: Screen;
  /** In ms since the tour began. */
  readonly now: () => number;
  readonly url: string;
  /** Names of the trainers that are shown. */
  readonly trainers: readonly string[];
}

export class Telling {
  readonly story: Story;
  readonly #options: TellingOptions;
  readonly #news: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #picture: Picture | undefined;
  #summary: readonly string[] = [];
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: TellingOptions) {
    this.#options = options;
    this.story = new Story(options.now, (step) => {
      // What is broken off because the tour is over has not failed.
      if (this.#isClosed) return;
      options.screen.step(step);
      this.#draw();
    });
    this.#timer = setInterval(() => this.#draw(), drawnEveryMs);
  }

  /** Tells of each final block until the signal says to stop. */
  async follow(chain: ChainClient, signal: AbortSignal): Promise<void> {
    const head = await chain.request<string>("chain_getFinalizedHead");
    const { number } = await chain.request<{ number: string }>("chain_getHeader", head);
    const name = await chain.request<string>("system_chain");
    const found = await Found.at(chain);
    for await (const block of chain.blocks(Number(number), signal)) {
      found.see(block);
      for (const line of newsOf(block)) this.news(line);
      const subjects = { chain: name, trainers: this.#options.trainers, ...found };
      this.#picture = withMemory(this.#picture, await look(chain, block, subjects), found);
      for (const resolve of this.#waiting.splice(0)) resolve();
      this.#draw();
    }
  }

  /** The picture as soon as it is as wished. */
  async until(isWished: (picture: Picture) => boolean, signal: AbortSignal): Promise<Picture> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#picture && isWished(this.#picture)) return this.#picture;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    }
  }

  news(line: string): void {
    this.#news.push(line);
    if (this.#news.length > keptNews) this.#news.shift();
    this.#options.screen.news(line);
  }

  /** The tour is over: what it came to, for people and for programs. */
  end(lines: readonly string[], facts: object): void {
    this.#summary = lines;
    this.#options.screen.summary(lines, facts);
    this.#draw();
  }

  /** Tells nothing any more. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  #draw(): void {
    const { screen, now, url } = this.#options;
    screen.draw({
      url,
      elapsedMs: now(),
      picture: this.#picture,
      steps: this.story.steps,
      news: this.#news,
      summary: this.#summary,
    });
  }
}
