/**
 * Buys the training of a model, from a program of one's own.
 *
 *   node docs/examples/buy.ts job.json //Ferdie s3://bucket/jobs [ws://127.0.0.1:9944] [folder of file: addresses]
 *
 * The job file is the one that `matrixai train` reads. Data and results are sealed; their keys are kept in
 * $XDG_DATA_HOME/matrixai/orders, and handed out to trainer and inspectors as the order goes along.
 */
import { dirname, resolve } from "node:path";
import {
  ChainClient,
  followOrder,
  Keeper,
  known,
  openStore,
  placeOrder,
  readBuyersJob,
  readyJob,
  secretsHere,
  signerOf,
  takeModel,
  usualTerms,
} from "../../trainer/buyer/library.ts";

const [path, secret, base, url = "ws://127.0.0.1:9944", files = "."] = process.argv.slice(2);
if (path === undefined || secret === undefined || base === undefined)
  throw new Error("usage: buy.ts job.json SECRET ADDRESS [ws://...] [FOLDER]");

const { signal } = new AbortController();
const chain = await ChainClient.connect(url);
const signer = await signerOf(secret);
try {
  const order = await buy(path, base);
  const outcome = await keep(order);
  console.log(`order ${order}: ${outcome}`);
  if (outcome === "Completed") await fetch(order);
} finally {
  chain.close();
}

/** Checks the job as a trainer will, and places the order with the cheapest machine that can do it. */
async function buy(job: string, at: string): Promise<number> {
  const store = openStore({ files: { root: dirname(resolve(job)), outside: true } });
  try {
    const place = { store, cache: ".buy-cache", inPlace: true, signal, note: console.log };
    const ready = await readyJob(await readBuyersJob(job, place), place);
    const terms = { ...usualTerms, trainWithin: 2_000 };
    const { order, keys } = await placeOrder(chain, signer, ready, { store, base: at, terms, signal });
    console.log(`order ${order} is placed; its keys are in ${keys}`);
    return order;
  } finally {
    await store.close();
  }
}

/** Follows the order to its end, and gives trainer and inspectors the keys that they wait for. */
async function keep(order: number): Promise<string> {
  const secrets = await secretsHere(chain, await known(chain, order));
  const keeper = new Keeper(chain, signer, secrets ?? {}, {
    gave: ({ what }, block) => console.log(`block ${block}: handed out ${what}`),
    failed: ({ message }) => console.log(`not handed out yet: ${message}`),
  });
  let state: string | undefined;
  for await (const { block, details } of followOrder(chain, order, signal)) {
    const { order: live, anchors, ended } = details.info;
    if (ended) return ended.outcome;
    await keeper.see(details, block);
    const now = `${live?.state}, checkpoint ${anchors.at(-1)?.index ?? 0} of ${live?.spec.checkpoints}`;
    if (now !== state) console.log(`block ${block.number}: ${now}`);
    state = now;
  }
  throw new Error("stopped");
}

/** Fetches the model, opens it, and checks that it is the one that the chain recorded. */
async function fetch(order: number): Promise<void> {
  const store = openStore({ files: { root: files } });
  try {
    const taken = await takeModel(chain, await known(chain, order), {
      store,
      folder: `order-${order}`,
      signal,
    });
    console.log(`${taken.model}: accuracy ${taken.accuracy} on the validation data`);
  } finally {
    await store.close();
  }
}
