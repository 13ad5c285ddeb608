/**
 * Recounts every trainer's effective compute from events, and compares it with what the chain says.
 *
 *   node docs/examples/index-scores.ts [ws://127.0.0.1:9944]
 *
 * A credit of `work` over [start, end] at the time `at` makes an effective score, per day and with a half-life of a week,
 *   effective · 2^(-(at - before)/week) + work/days · (1 - 2^(-(end - start)/week)) · 2^(-(at - end)/week)
 */
import "@polkadot/api/augment";
import { ApiPromise, WsProvider } from "@polkadot/api";

const weekMs = 7 * 86_400_000;
const dayMs = 86_400_000;
const decay = (ms: number): number => 2 ** (-ms / weekMs);

interface Score {
  effective: number;
  at: number;
}

/** As the chain tells them, with numbers as decimal text. */
interface Credit {
  readonly trainer: string;
  readonly kind: "Drilling" | "Training";
  readonly work: string;
  readonly start: string;
  readonly end: string;
  readonly at: string;
}
interface Told {
  readonly trainer: string;
  readonly drilling: { readonly effective: string };
  readonly training: { readonly effective: string };
  readonly at: string;
}

// biome-ignore lint/suspicious/noExplicitAny: calls of runtime APIs have no types before the chain has told them.
type Calls = any;

const plain = <T>(value: { toPrimitive(): unknown }): T => value.toPrimitive() as T;
const api = await ApiPromise.create({
  provider: new WsProvider(process.argv[2] ?? "ws://127.0.0.1:9944") as never,
  noInitWarn: true,
});

const scoresAt = async (hash: string): Promise<Told[]> => {
  const calls = (await api.at(hash)).call as Calls;
  return plain<Told[]>(await calls.computeScoreApi.scores(0, 1_000));
};
const hashAt = async (height: number): Promise<string> => (await api.rpc.chain.getBlockHash(height)).toHex();
const finalized = (await api.rpc.chain.getFinalizedHead()).toHex();
const last = (await api.rpc.chain.getHeader(finalized)).number.toNumber();

const scores = new Map<string, Score>();
const keyOf = (trainer: string, kind: string): string => `${trainer} ${kind}`;

// Scores that the first state gave count from the first block on.
const first = await api.at(await hashAt(1));
const began = Number((await first.query.timestamp.now()).toString());
for (const { trainer, drilling, training } of await scoresAt(await hashAt(0))) {
  scores.set(keyOf(trainer, "Drilling"), { effective: Number(drilling.effective), at: began });
  scores.set(keyOf(trainer, "Training"), { effective: Number(training.effective), at: began });
}

let credits = 0;
for (let height = 1; height <= last; height++) {
  const events = await (await api.at(await hashAt(height))).query.system.events();
  for (const { event } of events) {
    if (event.section !== "computeScore" || event.method !== "Credited") continue;
    credits += 1;
    const fields = Object.fromEntries(
      event.data.names!.map((name, i) => [name, event.data[i]!.toPrimitive()]),
    ) as unknown as Credit;
    const [start, end, at] = [Number(fields.start), Number(fields.end), Number(fields.at)];
    const key = keyOf(fields.trainer, fields.kind);
    const before = scores.get(key) ?? { effective: 0, at };
    const ms = Math.max(end - start, 1_000);
    const gained = (Number(fields.work) / (ms / dayMs)) * (1 - decay(ms)) * decay(at - end);
    scores.set(key, { effective: before.effective * decay(at - before.at) + gained, at });
  }
}

console.log(`${credits} credits in ${last} blocks`);
for (const told of await scoresAt(finalized)) {
  for (const kind of ["Drilling", "Training"] as const) {
    const counted = scores.get(keyOf(told.trainer, kind)) ?? { effective: 0, at: 0 };
    const now = counted.effective * decay(Math.max(0, Number(told.at) - counted.at));
    const says = Number(told[kind === "Drilling" ? "drilling" : "training"].effective);
    // Both are whole uut on the chain; half of one may be lost in each credit.
    if (Math.abs(now - says) > 1 + credits + says * 1e-9)
      throw new Error(`${told.trainer}, ${kind}: ${now} by the events, ${says} on the chain`);
    console.log(`${told.trainer}  ${kind.padEnd(8)}  ${(says / 1e6).toFixed(6)} ut a day, as the events say`);
  }
}
await api.disconnect();
