/** How many bytes of the state an order and a unit take, keys included, and how many they leave behind. */
import {
  approvedTask,
  ask,
  commitAs,
  drillWorld,
  hashOf,
  membersOf,
  play,
  revealAs,
} from "../../pallets/drilling/testing/world.ts";
import { constants as market } from "../../pallets/marketplace/index.ts";
import {
  accepts,
  awaitDraw,
  buyer,
  judge,
  machine,
  marketCall,
  market as marketOf,
  nextBlock,
  ok,
  place,
  potCall,
  proof,
  train,
  trainer,
} from "../../pallets/marketplace/testing/market.ts";
import { constants as pot } from "../../pallets/proof-of-training/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { clearEvents, MAI } from "../../pallets/testing/chain.ts";
import type { TestChain } from "../../runtime/frame/testing/expectations.ts";
import type { Row, Table } from "./table.ts";

const kept = 20;
/** More than everybody's windows together. */
const longEnough = 60;

export function bytesTable(): Table {
  return { title: "economy, bytes of state", rows: [...orderRows(), ...unitRows()] };
}

/** Everything in the state but the block's events, which the next block clears. */
function bytesOf({ ctx }: TestChain): number {
  clearEvents(ctx);
  system.EventTopics.clear(ctx, []);
  let sum = 0;
  for (const [key, value] of ctx.storage.changes()) if (value) sum += key.length + value.length;
  return sum;
}

/** Names what a chain has more than when this was called. */
function ledgerOf(chain: TestChain): { row: (name: string, aim?: number) => void; rows: Row[] } {
  const before = bytesOf(chain);
  const rows: Row[] = [];
  return {
    rows,
    row(name, aim) {
      const value = bytesOf(chain) - before;
      rows.push({ name, value, unit: "bytes", ...(aim !== undefined && { aim: { atMost: aim } }) });
    },
  };
}

function orderRows(): Row[] {
  const chain = marketOf();
  market.HistoryKept.set(chain.ctx, kept);
  pot.AppealWindow.set(chain.ctx, 4);
  // What an account has once in its life belongs to no order.
  complete(chain, train(chain));
  wait(chain);

  const open = ledgerOf(chain);
  const order = place(chain);
  open.row("an order open to bids");
  ok(chain, trainer(1), marketCall("bid", { order, price: 100n * MAI, machine: machine(1) }));
  open.row("with one bid");
  ok(chain, buyer, marketCall("cancel_order", { order }));
  open.row("cancelled, remembered");
  wait(chain);
  open.row("cancelled, after its time", 0);

  const trained = ledgerOf(chain);
  const id = train(chain);
  trained.row("an order in training, with 13 checkpoints");
  complete(chain, id, () => trained.row("under inspection by three"));
  trained.row("completed, remembered");
  wait(chain);
  trained.row("completed, after its time", 0);
  return [...open.rows, ...trained.rows];
}

/** From the proof to the end of the time to appeal. */
function complete(chain: TestChain, order: number, whenDrawn = () => {}): void {
  ok(chain, trainer(0), potCall("submit_proof", { order, package: proof }));
  awaitDraw(chain);
  whenDrawn();
  judge(chain, order, [accepts, accepts, accepts]);
  for (let i = 0; i < 6; i++) nextBlock(chain);
}

function wait(chain: TestChain): void {
  for (let i = 0; i < longEnough; i++) nextBlock(chain);
}

function unitRows(): Row[] {
  const world = drillWorld(5);
  // Everybody has drilled before.
  const first = approvedTask(world, { units: 2, quorum: 5 });
  for (const unit of [0, 1]) {
    for (let n = 1; n <= 5; n++) ask(world, n);
    world.next();
    play(world, { task: first, unit });
  }
  // Ballots are swept in the blocks after a task's end.
  world.next();
  const ledger = ledgerOf(world);
  const task = approvedTask(world, { units: 1 });
  const agreed = { task, unit: 0 };
  ledger.row("an approved task, with five votes");
  const unit = ledgerOf(world);
  ask(world, 1);
  ask(world, 2);
  world.next();
  unit.row("a unit given to two");
  const [a, b] = membersOf(world, agreed) as [Uint8Array, Uint8Array];
  for (const member of [a, b]) commitAs(world, agreed, member);
  revealAs(world, agreed, a);
  unit.row("committed to, half revealed");
  revealAs(world, agreed, b);
  world.next();
  ledger.row("agreed, with its task", 0);

  const disputed = { task: approvedTask(world, { units: 1 }), unit: 0 };
  const alone = ledgerOf(world);
  ask(world, 3);
  ask(world, 4);
  world.next();
  play(world, disputed, (who) => hashOf(`${who}`));
  alone.row("a disputed unit that waits for others");
  const [approved, over] = ledger.rows as [Row, Row];
  return [approved, ...unit.rows, ...alone.rows, over];
}
