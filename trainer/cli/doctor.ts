import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import type { Command } from "commander";
import { type Device, openDevice, type Probed } from "../engine/device/device.ts";
import { describeMachine, type Machine } from "../hardware/describe.ts";
import { answerChallenge, openPicks } from "../hardware/gemm-answer.ts";
import { picksOf, verifyReveal } from "../hardware/gemm-challenge.ts";
import { gemmThroughput } from "../hardware/gemm-throughput.ts";
import { whetstone } from "../hardware/whetstone.ts";
import { exitCode, runCommand } from "./run-command.ts";
import { bytesText, short } from "./terminal.ts";

/** `doctor`: what this machine has, what of it can train and how fast, and why the rest cannot. */
export function register(program: Command): void {
  const command = program
    .command("doctor")
    .summary("look at this machine and say what can train")
    .description(
      "Describes the machine, tries every device, measures it, and answers a small hardware challenge on it.",
    )
    .option("--quick", "describe only, measure nothing");
  runCommand(command, async ({ terminal }, { quick }: { quick?: boolean }) => {
    const machine = await describeMachine(tmpdir());
    const usable = machine.devices.filter((d) => d.usable);
    if (!quick) terminal.note("measuring ...");
    const mflops = quick ? undefined : whetstone().mflops;
    const measured = quick ? [] : await inTurn(usable, measure);
    terminal.answer({ ...machine, whetstoneMflops: mflops, measured }, [
      ...lines(machine),
      ...(mflops === undefined ? [] : [`Whetstone: ${short(mflops)} MFLOPS on one core`]),
      ...measured.map(
        (m) =>
          `${m.kind}: ${short(m.flops)}FLOP/s in matrix products, hardware challenge answered ${m.challenge}`,
      ),
    ]);
    const bad = usable.length === 0 || measured.some((m) => m.challenge !== "rightly");
    return bad ? exitCode.unavailable : exitCode.ok;
  });
}

function lines(machine: Machine): string[] {
  const { cpu, disk } = machine;
  return [
    `system: ${machine.os}, Node ${machine.node}`,
    `processor: ${cpu.model}, ${cpu.cores} cores, ${cpu.threads} threads (${cpu.features.join(" ") || "no vector features known"})`,
    `memory: ${bytesText(machine.memoryBytes)}`,
    ...machine.gpus.map(
      (g) => `graphics: ${g.model}, driver ${g.driver || "unknown"}, ${bytesText(g.memoryBytes)}`,
    ),
    `disk at ${disk.path}: ${bytesText(disk.freeBytes)} free of ${bytesText(disk.totalBytes)}`,
    ...machine.devices.map((d) =>
      d.usable ? `${d.kind}: usable (${d.determinism})` : `${d.kind}: not usable: ${d.why}`,
    ),
  ];
}

interface Measured {
  readonly kind: string;
  readonly flops: number;
  readonly challenge: "rightly" | string;
}

async function measure({ kind }: Probed): Promise<Measured> {
  const device = await openDevice({ prefer: [kind] });
  try {
    const { flops } = await gemmThroughput(device);
    return { kind, flops, challenge: await challenge(device) };
  } finally {
    device.close();
  }
}

/** Answers a challenge of this machine's own as the chain would put it, and checks the answer as the chain would. */
async function challenge(device: Device): Promise<string> {
  const asked = { seed: randomBytes(32), n: 512, rounds: 2 };
  const { roots, commitment } = await answerChallenge(device, asked);
  const picks = picksOf(asked, randomBytes(32), 8);
  const openings = await openPicks(device, asked, roots, picks);
  const result = verifyReveal(asked, commitment, picks, { roots, openings });
  return result.ok ? "rightly" : `wrongly (${result.code}): this device does not compute exactly`;
}

async function inTurn<A, B>(items: readonly A[], each: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  for (const item of items) results.push(await each(item));
  return results;
}
