import type { Hash } from "../../chain/hash.ts";
import type { PoolTransaction } from "../types.ts";

/** The pool's rules written down as directly as possible: lists that are searched from end to end, no index. */
export class NaivePool {
  #ready: PoolTransaction[] = [];
  #future: PoolTransaction[] = [];
  #prunings: string[][] = [];

  place(one: PoolTransaction): "ready" | "future" | "tooLowPriority" | "cycle" {
    if (this.#lacks(one)) {
      this.#future.push(one);
      return "future";
    }
    const result = this.#enter(one);
    if (result === "ready") this.#promote(one.provides);
    return result;
  }

  prune(tags: readonly string[]): Set<Hash> {
    this.#prunings = [[...tags], ...this.#prunings].slice(0, 2);
    const pruned = this.#ready.filter((one) => one.provides.some((tag) => tags.includes(tag)));
    this.#ready = this.#ready.filter((one) => !pruned.includes(one));
    this.#promote(tags);
    return new Set(pruned.map((one) => one.hash));
  }

  remove(hash: Hash): Set<Hash> {
    const future = this.#future.filter((one) => one.hash === hash);
    this.#future = this.#future.filter((one) => one.hash !== hash);
    const ready = this.#ready.find((one) => one.hash === hash);
    const leaving = ready ? this.#closure([ready], []) : [];
    this.#ready = this.#ready.filter((one) => !leaving.includes(one));
    return new Set([...future, ...leaving].map((one) => one.hash));
  }

  enforce(limit: { count: number; bytes: number }): void {
    const over = (list: PoolTransaction[]) =>
      list.length > limit.count || list.reduce((sum, one) => sum + one.bytes.length, 0) > limit.bytes;
    while (over(this.#ready)) {
      const lowest = this.#ready.reduce((a, b) => (b.priority < a.priority ? b : a));
      this.remove(lowest.hash);
    }
    while (over(this.#future)) this.#future.shift();
  }

  order(): Hash[] {
    const left = [...this.#ready];
    const order: Hash[] = [];
    while (left.length > 0) {
      const free = left.filter((one) => !left.some((other) => dependsOn(one, other)));
      const best = free.reduce((a, b) => (comesFirst(b, a) ? b : a));
      order.push(best.hash);
      left.splice(left.indexOf(best), 1);
    }
    return order;
  }

  futures(): Hash[] {
    return this.#future.map((one) => one.hash);
  }

  #lacks(one: PoolTransaction): boolean {
    const provided = [...this.#ready.flatMap((other) => other.provides), ...this.#prunings.flat()];
    return one.requires.some((tag) => !provided.includes(tag));
  }

  #enter(one: PoolTransaction): "ready" | "tooLowPriority" | "cycle" {
    const rivals = this.#ready.filter((other) => other.provides.some((tag) => one.provides.includes(tag)));
    if (dependsOn(one, one)) return "cycle";
    const sum = rivals.reduce((total, rival) => total + rival.priority, 0n);
    if (rivals.length > 0 && one.priority <= sum) return "tooLowPriority";
    const leaving = this.#closure(rivals, one.provides);
    const following = this.#closure(
      this.#ready.filter((other) => dependsOn(other, one)),
      [],
    );
    const needed = this.#ready.filter((other) => dependsOn(one, other));
    if (needed.some((other) => leaving.includes(other) || following.includes(other))) return "cycle";
    this.#ready = [...this.#ready.filter((other) => !leaving.includes(other)), one];
    return "ready";
  }

  /** Everybody who waited for one of `tags` tries to enter, in the order of the tags, then of arrival. */
  #promote(tags: readonly string[]): void {
    const queue = this.#takeFree(tags);
    for (const next of queue) {
      if (this.#lacks(next)) this.#future.push(next);
      else if (this.#enter(next) === "ready") queue.push(...this.#takeFree(next.provides));
    }
  }

  #takeFree(tags: readonly string[]): PoolTransaction[] {
    const free = tags.flatMap((tag) => this.#future.filter((one) => one.requires.includes(tag)));
    const complete = [...new Set(free)].filter((one) => !this.#lacks(one));
    this.#future = this.#future.filter((one) => !complete.includes(one));
    return complete;
  }

  #closure(roots: PoolTransaction[], keptTags: readonly string[]): PoolTransaction[] {
    const leaving = [...roots];
    for (const one of leaving) {
      const given = one.provides.filter((tag) => !keptTags.includes(tag));
      for (const other of this.#ready) {
        if (other.requires.some((tag) => given.includes(tag)) && !leaving.includes(other))
          leaving.push(other);
      }
    }
    return leaving;
  }
}

const dependsOn = (one: PoolTransaction, other: PoolTransaction): boolean =>
  one.requires.some((tag) => other.provides.includes(tag));

function comesFirst(a: PoolTransaction, b: PoolTransaction): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.validTill < b.validTill;
}
