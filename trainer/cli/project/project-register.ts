import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { maxUri } from "../../../pallets/drilling/index.ts";
import { textBytes } from "../../../runtime/primitives/bytes.ts";
import { amountText } from "../chain/amount.ts";
import { runOnChain, type SecretFlags, secretOptions, signerFrom } from "../chain/connection.ts";

interface Flags extends SecretFlags {
  readonly name: Uint8Array;
  readonly uri: Uint8Array;
}

/** `project register --name NAME --uri ADDRESS`: one who publishes tasks. */
export function register(project: Command): void {
  const command = project
    .command("register")
    .summary("register a project")
    .description(
      "Registers a project, with a deposit that returns when it is closed; disputes without an end are paid from it.",
    )
    .requiredOption("--name <name>", "what it is called", text(64))
    .requiredOption("--uri <address>", "where people read about it", text(maxUri));
  runOnChain(secretOptions(command), async (chain, { terminal }, { name, uri, ...flags }: Flags) => {
    const signer = await signerFrom(flags);
    const call = { type: "Drilling", value: { type: "register_project", value: { name, uri } } } as const;
    const { block, events, hash } = await chain.submit(signer, call, { until: "finalized" });
    const found = events.find(({ type, value }) => type === "Drilling" && value.type === "ProjectRegistered");
    if (found === undefined) throw new Error(`the transaction ${hash} registered no project`);
    const { project: id, deposit } = found.value.value as { project: number; deposit: bigint };
    terminal.answer({ project: id, owner: signer.address, deposit, block }, [
      `project ${id} of ${signer.address}, in block ${block.number}; ${amountText(deposit)} on hold`,
      `publish a task with: matrixai project publish MODEL INPUTS --project ${id} --publish ADDRESS`,
    ]);
    return undefined;
  });
}

const text =
  (most: number) =>
  (value: string): Uint8Array => {
    const bytes = textBytes(value);
    if (bytes.length > 0 && bytes.length <= most) return bytes;
    throw new InvalidArgumentError(`A text of 1 to ${most} bytes is needed.`);
  };
