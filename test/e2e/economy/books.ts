/** An indexer that knows what genesis gave, and from then on reads events alone. */
import { realScore } from "../../../pallets/compute-score/testing/real-score.ts";
import { type ChainEvent, numberIn, textIn } from "./events.ts";
import { ends } from "./order-ends.ts";

interface Work {
  /** What the trainer's score was when the chain began to count, in uut per day, and when that was. */
  started: { readonly effective: bigint; readonly at: bigint };
  readonly credits: { readonly work: bigint; readonly start: bigint; readonly end: bigint }[];
  /** When it was credited last. */
  at: bigint;
}

export class Books {
  /** Everything that an account has, free or not. */
  readonly balances: Map<string, bigint>;
  /** How each order ended; undefined while it lives. */
  readonly orders = new Map<number, string | undefined>();
  readonly #work = new Map<string, Work>();
  readonly #owners = new Map<number, string>();

  constructor(genesis: Iterable<readonly [address: string, balance: bigint]>) {
    this.balances = new Map(genesis);
  }

  /** Total work in uut and effective score in 2^-128 uut per day, when the score was told last. */
  scoreOf(trainer: string, kind: "Drilling" | "Training"): { total: bigint; effective: bigint } {
    const work = this.#work.get(`${trainer} ${kind}`);
    if (work === undefined) return { total: 0n, effective: 0n };
    const { started, credits, at } = work;
    const total = credits.reduce((sum, credit) => sum + credit.work, 0n);
    return { total, effective: realScore(started.effective, started.at, credits, at) >> (420n - 128n) };
  }

  read(event: ChainEvent): void {
    const [pallet, name] = event.name.split(".") as [string, string];
    if (pallet === "Balances") this.#readBalance(name, event);
    else if (pallet === "ComputeScore") this.#readScore(name, event);
    else if (pallet === "Marketplace") this.#readOrder(name, event);
    else if (pallet === "Drilling") this.#readDrilling(name, event);
    else if (event.name === "TrainerStaking.Slashed") this.#move(event, "trainer", undefined);
  }

  #readBalance(name: string, event: ChainEvent): void {
    if (name === "Transfer") this.#move(event, "from", "to");
    else if (name === "Deposit" || name === "Minted") this.#move(event, undefined, "who");
    else if (name === "Withdraw" || name === "Burned") this.#move(event, "who", undefined);
  }

  #readScore(name: string, event: ChainEvent): void {
    const key = `${textIn(event, "trainer")} ${textIn(event, "kind")}`;
    const at = numberIn(event, "at");
    const work = this.#work.get(key) ?? { started: { effective: 0n, at }, credits: [], at };
    if (name === "ScoreStarted") work.started = { effective: numberIn(event, "effective"), at };
    else {
      const [start, end] = [numberIn(event, "start"), numberIn(event, "end")];
      work.credits.push({ work: numberIn(event, "work"), start, end });
    }
    work.at = at;
    this.#work.set(key, work);
  }

  #readOrder(name: string, event: ChainEvent): void {
    if (name === "OrderPlaced") this.orders.set(Number(numberIn(event, "order")), undefined);
    if (ends[name]) this.orders.set(Number(numberIn(event, "order")), ends[name]);
    // What is burned, and what comes from bonds, the events of balances and stake tell.
    if ("paid" in event.fields && numberIn(event, "paid") > 0n) this.#move(event, "buyer", "trainer", "paid");
    if ("inspection" in event.fields) this.#move(event, "buyer", undefined, "inspection");
    if (name === "InspectionPaid" && event.fields.source === "Fee") this.#move(event, undefined, "inspector");
  }

  #readDrilling(name: string, event: ChainEvent): void {
    if (name === "TaskPublished") this.#owners.set(Number(numberIn(event, "task")), textIn(event, "owner"));
    if (name !== "MemberPaid" && name !== "SeatSettled") return;
    const amount = numberIn(event, name === "MemberPaid" ? "reward" : "fromProject");
    this.#add(this.#owners.get(Number(numberIn(event, "task")))!, -amount);
    this.#add(textIn(event, "trainer"), amount);
  }

  #move(event: ChainEvent, from: string | undefined, to: string | undefined, field = "amount"): void {
    const amount = numberIn(event, field);
    if (from) this.#add(textIn(event, from), -amount);
    if (to) this.#add(textIn(event, to), amount);
  }

  #add(who: string, amount: bigint): void {
    this.balances.set(who, (this.balances.get(who) ?? 0n) + amount);
  }
}
