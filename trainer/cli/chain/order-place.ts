import type { Command } from "commander";
import type { OrderSpec } from "../../../pallets/marketplace/index.ts";
import { storage as system } from "../../../pallets/system/index.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import type { Signer } from "../../client/signer.ts";
import type { Included } from "../../client/submitter.ts";
import { toHex as hashText } from "../../proof/canonical.ts";
import { type Manifest, manifestHash } from "../../proof/manifest.ts";
import { addressIn } from "../../storage/bundle.ts";
import { placeOf, placeOptions } from "../place.ts";
import { InputError } from "../run-command.ts";
import { amountText } from "./amount.ts";
import { runOnChain, type SecretFlags, secretOptions, signerFrom } from "./connection.ts";
import { termOptions } from "./order-options.ts";
import { type JobFlags, readJob } from "./order-quote.ts";
import { orderSpecOf } from "./order-spec.ts";
import { publish } from "./publish.ts";
import { quoteFor, quoteLines } from "./quoting.ts";
import { recipientKeysOrNew } from "./recipient.ts";

interface Flags extends JobFlags, SecretFlags {
  readonly publish: string;
  readonly recipientKey?: string;
}

/** `order place JOB.json`: publishes the job and places the order. */
export function register(order: Command): void {
  const command = order
    .command("place")
    .summary("publish a job and order its training")
    .description("Puts model, data and manifest where trainers can read them, and places the order.")
    .argument("<job>", "job file (JSON), as for train")
    .requiredOption("--publish <address>", "where the job is put: s3://bucket/folder, ipfs:, https: or file:")
    .option("--recipient-key <file>", "key to which results are sealed; made where the file is not there");
  runOnChain(
    secretOptions(termOptions(placeOptions(command))),
    async (chain, context, path: string, flags: Flags) => {
      const { terminal } = context;
      if (flags.priceLimit === undefined)
        throw new InputError("say what the training may cost: --price-limit MAI");
      const signer = await signerFrom(flags);
      const { manifest, cost } = await readJob(path, flags, context);
      // What cannot be placed is not published.
      await placeable(chain, signer, orderSpecOf(manifest, "", cost, flags), flags);
      const place = placeOf(path, flags, context);
      try {
        terminal.note(`publishing under ${flags.publish}`);
        const { manifest: own, uri } = await publish(
          place.store,
          withRecipient(manifest, flags),
          flags.publish,
          context.signal,
        );
        const spec = await placeable(chain, signer, orderSpecOf(own, uri, cost, flags), flags);
        const included = await chain.submit(signer, placing(spec), { until: "finalized" });
        const id = orderIn(included);
        terminal.answer(
          {
            order: id,
            block: included.block,
            manifest: manifestHash(own),
            uri,
            machine: spec.machine,
            flop: spec.flop,
          },
          [
            `order ${id}, in block ${included.block.number}`,
            `manifest ${manifestHash(own)} at ${uri}`,
            `follow it with: matrixai order watch ${id}`,
          ],
        );
      } finally {
        await place.store.close();
      }
      return undefined;
    },
  );
}

/** The order as the chain will take it. @throws InputError that says why it would not. */
async function placeable(
  chain: ChainClient,
  signer: Signer,
  draft: OrderSpec,
  flags: Flags,
): Promise<OrderSpec> {
  const quoted = await quoteFor(chain, draft, flags);
  if (quoted.obstacles.length > 0) throw new InputError(quoteLines(quoted).join("\n  "));
  const { free } = (await chain.read(system.Account, [signer.account])).data;
  const { at_most } = quoted.quote;
  if (free < at_most)
    throw new InputError(
      `${signer.address} has ${amountText(free)} free, and the order takes up to ${amountText(at_most)} and a transaction fee`,
    );
  return quoted.spec;
}

function withRecipient(manifest: Manifest, { recipientKey, publish }: Flags): Manifest {
  if (recipientKey === undefined) return manifest;
  const recipient = hashText(recipientKeysOrNew(recipientKey).publicKey);
  const uri = manifest.results?.uri ?? addressIn(publish, "results");
  return { ...manifest, results: { uri, recipient } };
}

const placing = (spec: OrderSpec) =>
  ({ type: "Marketplace", value: { type: "place_order", value: { spec } } }) as const;

function orderIn({ events, hash }: Included): number {
  const placed = events.find(({ type, value }) => type === "Marketplace" && value.type === "OrderPlaced");
  if (placed === undefined) throw new Error(`the transaction ${hash} placed no order`);
  return (placed.value.value as { order: number }).order;
}
