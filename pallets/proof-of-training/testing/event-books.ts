import { toHex } from "../../../runtime/primitives/bytes.ts";

/** What accounts have gained and what trainers have done, from events alone. */
export class EventBooks {
  readonly gains = new Map<string, bigint>();
  readonly work = new Map<string, bigint>();

  /** Reads `["Balances.Transfer", fields]` and its like. */
  read(events: readonly (readonly [name: string, fields: unknown])[]): void {
    for (const [name, fields] of events) this.#read(name, fields as Facts);
  }

  #read(name: string, f: Facts): void {
    switch (name) {
      case "Marketplace.OrderCompleted":
      case "Marketplace.OrderCanceled":
      case "Marketplace.OrderFaulted":
        if (f.trainer) this.#gain(f.trainer, f.paid);
        this.#gain(f.buyer, -f.paid - f.burned - f.inspection);
        break;
      case "Marketplace.OrderInconclusive":
        this.#gain(f.buyer, -f.inspection);
        break;
      case "Marketplace.OrderExpired":
        this.#gain(f.buyer, f.penalty - f.inspection);
        break;
      case "Marketplace.OrderRejected":
        this.#gain(f.buyer, f.to_buyer);
        break;
      case "Marketplace.InspectionPaid":
        this.#gain(f.inspector, f.amount);
        break;
      case "TrainerStaking.Slashed":
        this.#gain(f.trainer, -f.amount);
        break;
      case "ComputeScore.Credited":
        add(this.work, f.trainer, f.work);
        break;
    }
  }

  #gain(who: Uint8Array, amount: bigint): void {
    add(this.gains, who, amount);
  }
}

type Facts = Readonly<
  Record<"trainer" | "buyer" | "inspector", Uint8Array> &
    Record<"paid" | "burned" | "inspection" | "penalty" | "to_buyer" | "amount" | "work", bigint>
>;

const add = (sums: Map<string, bigint>, who: Uint8Array, amount: bigint): void => {
  sums.set(toHex(who), (sums.get(toHex(who)) ?? 0n) + amount);
};
