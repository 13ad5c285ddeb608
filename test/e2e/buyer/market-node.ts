/** A node of a chain with four trainers, all of whose keys it has, and whose blocks come one after another. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localSpec } from "../../../chain-spec/presets.ts";
import { printChainSpec } from "../../../chain-spec/spec-file.ts";
import { testTrainers } from "../../../chain-spec/test-trainers.ts";
import { genesisFields } from "../../../runtime/genesis.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { ChainClient } from "../../../trainer/client/chain-client.ts";
import { signerOf } from "../../../trainer/client/signer.ts";
import { startNode } from "../node-process.ts";

export interface MarketNode {
  readonly url: string;
  readonly chain: ChainClient;
  /** For files of the test. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Between blocks, so that transactions find their way into them. */
const pauseMs = 40;
const trainers = 4;

export async function openMarketNode(): Promise<MarketNode> {
  const folder = mkdtempSync(join(tmpdir(), "matrixai-buyer-"));
  const file = join(folder, "chain.json");
  writeFileSync(file, printChainSpec(spec(), genesisFields));
  const node = await startNode(["--chain", file, "--sealing", "manual", "--pruning", "archive"]);
  const chain = await ChainClient.connect(node.url);
  for (const { uri } of testTrainers.slice(0, trainers)) {
    const { account } = await signerOf(uri);
    await chain.request("author_insertKey", "poh_", uri, toHex(account));
  }
  const stop = keepSealing(chain);
  return {
    url: node.url,
    chain,
    folder,
    async close() {
      await stop();
      chain.close();
      await node.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Windows of the parties are long, because blocks come fast; those that only pass time are short. */
function spec() {
  const local = localSpec(trainers);
  if (local.genesis.type !== "config") throw new Error("the local chain has a configuration");
  const config = {
    ...local.genesis.config,
    Timestamp: { minimumPeriod: 3_000n },
    Poh: { epochLength: 2_000n },
    Marketplace: { minSilence: 2_000, stopWindow: 50, historyKept: 5_000 },
    ProofOfTraining: { commitWindow: 500, revealWindow: 500, appealWindow: 3, releaseWindow: 5 },
  };
  return { ...local, id: "buyers", genesis: { type: "config", config } } as const;
}

/** Makes final blocks until told to stop. */
function keepSealing(chain: ChainClient): () => Promise<void> {
  let isOver = false;
  const sealing = (async () => {
    while (!isOver) {
      await chain.request("engine_createBlock", true, true);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  return () => {
    isOver = true;
    return sealing;
  };
}
