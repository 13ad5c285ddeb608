/** The steps of the tour: what each came to, and how long it took. */

export interface Step {
  readonly title: string;
  readonly state: "running" | "done" | "failed";
  /** In ms since the tour began. */
  readonly began: number;
  readonly ended: number | undefined;
  readonly detail: string;
}

export class Story {
  readonly steps: Step[] = [];
  readonly #now: () => number;
  readonly #changed: (step: Step) => void;

  /** `now` in ms since the tour began; `changed` hears of each step that begins or ends. */
  constructor(now: () => number, changed: (step: Step) => void) {
    this.#now = now;
    this.#changed = changed;
  }

  /** Does a step; its result and what is to be said of it come from `work`. */
  async step<T>(
    title: string,
    work: () => Promise<{ readonly result: T; readonly detail: string }>,
  ): Promise<T> {
    const place = this.steps.length;
    const began = this.#now();
    const set = (state: Step["state"], ended: number | undefined, detail: string): void => {
      const step = { title, state, began, ended, detail };
      this.steps[place] = step;
      this.#changed(step);
    };
    set("running", undefined, "");
    try {
      const { result, detail } = await work();
      set("done", this.#now(), detail);
      return result;
    } catch (error) {
      set("failed", this.#now(), (error as Error).message);
      throw error;
    }
  }
}
