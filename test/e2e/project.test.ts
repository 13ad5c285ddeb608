/** The two sample projects as their owner lives them, at the command line, with agents that vote and drill, and one that lies. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as balances } from "../../pallets/balances/index.ts";
import { storage as drilling } from "../../pallets/drilling/index.ts";
import { storage as machines } from "../../pallets/machines/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { writeSampleImages } from "../../scripts/samples/images.ts";
import { samplePoints, sampleSearch } from "../../scripts/samples/search-data.ts";
import type { DrillingOptions } from "../../trainer/agent/options.ts";
import { signerOf } from "../../trainer/client/signer.ts";
import { encodeSafetensors } from "../../trainer/engine/data/safetensors.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle, type Happened } from "./agents/chronicle.ts";
import { type Answer, command, endCommands, inTime } from "./agents/command.ts";
import { publishTask, registerProject, resultsOf, smallTask } from "./agents/drilling-task.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";
import { Liar } from "./agents/liar.ts";

const mai = 10n ** 12n;
const classifier = join(import.meta.dirname, "../../docs/examples/projects/image-labels/classifier.onnx");
/** A disputed unit needs three others besides the two that differ. */
const drillers = ["Alice", "Bob", "Charlie", "Dave"] as const;
const options: DrillingOptions = {
  units: 4,
  besideOrders: true,
  vote: "recount",
  refuse: [],
  maxBond: 1_000n * mai,
};
const idOf = (place: number) => new Uint8Array(16).fill(place + 1);

let world: AgentsChain;
let told: Chronicle;
let records: string;
const agents: Honest[] = [];

beforeAll(async () => {
  world = await AgentsChain.open(5);
  told = new Chronicle(world.chain);
  records = join(world.folder, "records");
  for (const [place, name] of drillers.entries())
    agents.push(
      await honest(world, name, {
        machine: hireable(place + 1),
        drilling: options,
        results: `file:results/${name}`,
      }),
    );
  // Eve's machine is kept available, and nothing else is done for her.
  agents.push(await honest(world, "Eve", { machine: hireable(5) }));
  for (let place = 0; place < 5; place++)
    await world.until(async () => {
      const found = await world.chain.read(machines.Machines, [idOf(place)]);
      return found?.state === "Available" || undefined;
    });
});
afterAll(async () => {
  endCommands();
  await Promise.all(agents.map((agent) => agent.close()));
  await told?.close();
  await world?.close();
});

/** Runs `matrixai project …`, as Ferdie, who owns the projects, or as somebody else. */
const project = (...args: string[]) => projectAs("Ferdie", ...args);
const projectAs = (name: string, ...args: string[]): Promise<Answer> =>
  command(world, name, "project", ...args);

const about = (task: number, name: string): Happened[] =>
  told.events.filter((each) => each.name === `Drilling.${name}` && each.fields.task === task);
const storageFlags = () => ["--files", world.storage, "--records", records];

test("images are labelled as the project itself would label them, though one lies; a canary is opened, and the liar pays", async () => {
  const registered = await project("register", "--name", "digits", "--uri", "https://digits.example");
  expect(registered.json).toMatchObject({ project: 0, deposit: (10n * mai).toString() });

  const images = join(world.folder, "images");
  mkdirSync(images);
  const truth = await writeSampleImages(images, 46, 3);
  const liar = new Liar(world, await signerOf("//Eve"), idOf(4), 3, new Uint8Array(32).fill(66));
  const published = await project(
    ...["publish", classifier, images, "--project", "0", "--publish", "file:labels", ...storageFlags()],
    ...["--unit-size", "4", "--reward", "1", "--canaries", "1", "--canary-window", "30"],
    ...["--commit-window", "60", "--reveal-window", "60", "--threads", "1", "--watch"],
  );
  await liar.close();
  expect(published).toMatchObject({
    code: 0,
    json: { task: 0, units: 12, state: "Closed", agreed: 12, failed: 0 },
  });
  const opened = about(0, "CanaryOpened").map(({ fields }) => fields);
  expect(opened.map(({ held }) => held)).toEqual([true]);

  const eve = toHex((await signerOf("//Eve")).account);
  const settled = about(0, "SeatSettled").map(({ fields }) => fields);
  const lies = settled.filter(({ trainer }) => toHex(trainer) === eve);
  expect(lies.length).toBeGreaterThan(0);
  for (const { outcome, taken, returned } of lies)
    expect([outcome, taken > 0n, returned]).toEqual(["Refuted", true, 0n]);
  const slashed = told.events.filter(({ name }) => name === "TrainerStaking.Slashed");
  expect(new Set(slashed.map(({ fields }) => toHex(fields.trainer)))).toEqual(new Set([eve]));

  const out = join(world.folder, "labels");
  const results = await project("results", "0", "--out", out, ...storageFlags());
  expect(results).toMatchObject({ code: 0, json: { state: "Closed", units: 12, collected: 12, failed: [] } });
  const lines = readFileSync(join(out, "results.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const spec = about(0, "TaskPublished")[0]!.fields.spec;
  const own = await resultsOf(world, spec);
  expect(lines.map(({ result }) => result)).toEqual(own.map(toHex));
  for (const { unit, block, extrinsic, trainers, files } of lines) {
    const agreed = about(0, "UnitAgreed").find(({ fields }) => fields.unit === unit)!;
    expect(block).toBe(agreed.block);
    expect([typeof extrinsic, trainers.length]).toEqual(["number", agreed.fields.trainers.length]);
    expect(files).toEqual(truth.slice(unit * 4, unit * 4 + 4).map(({ file }) => file));
  }
  const [head, ...labelled] = readFileSync(join(out, "labels.csv"), "utf8").trim().split("\n");
  expect(head).toBe("file,label");
  expect(labelled.map((line) => line.split(",")[0])).toEqual(truth.map(({ file }) => file));
  const right = labelled.filter((line, i) => line.split(",")[1] === String(truth[i]!.label)).length;
  // 96.7 % of digits that it has not seen are right.
  expect(right / truth.length).toBeGreaterThan(0.85);
});

test("a search for hyper-parameters tells the best ones, and their inputs", async () => {
  const folder = mkdtempSync(join(world.folder, "search-"));
  const points = join(folder, "points");
  mkdirSync(points);
  writeFileSync(join(folder, "search.onnx"), sampleSearch());
  const tried = samplePoints(1).slice(0, 5);
  for (const [i, point] of tried.entries())
    writeFileSync(join(points, `${i}.safetensors`), encodeSafetensors(point));
  const published = await project(
    ...[
      "publish",
      join(folder, "search.onnx"),
      points,
      "--project",
      "0",
      "--publish",
      "file:search",
      ...storageFlags(),
    ],
    ...["--commit-window", "100", "--reveal-window", "60", "--threads", "1"],
  );
  // Counted by hand: two products forward and three back in each of 160 steps of 32, one pass over 1,400.
  const flop = 160 * 2 * 32 * (2 * 49 * 32 + 3 * 32 * 10) + 2 * 1400 * (49 * 32 + 32 * 10);
  expect(published.json).toMatchObject({ task: 1, units: 5, difficulty: String(Math.ceil(flop / 432_000)) });
  // The task may be over before a busy machine has started the next command.
  expect((await project("status", "0")).json).toMatchObject([{ project: 0, name: "digits" }]);
  const watched = await project("watch", "1", "--records", records);
  expect(watched).toMatchObject({ code: 0, json: { state: "Closed", agreed: 5, failed: 0 } });

  const out = join(folder, "out");
  const { json } = await project("results", "1", "--out", out, "--best", "right", ...storageFlags());
  const found = readFileSync(join(out, "results.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).values.right);
  expect(found).toHaveLength(5);
  const best = found.indexOf(Math.max(...found));
  const { learning_rate, momentum } = tried[best]!;
  expect(json.best).toEqual({
    unit: best,
    value: String(found[best]),
    inputs: { learning_rate: learning_rate!.data[0], momentum: momentum!.data[0], seed: 0 },
  });
});

test("a trainer votes by its own count; a task is closed while it is voted on or drilled, and the rest returns to its owner", async () => {
  const owner = await signerOf("//Ferdie");
  const held = async () =>
    (await world.chain.read(balances.Holds, [owner.account])).map(({ amount }) => amount);
  const before = await held();
  const id = await registerProject(world, owner);
  const spec = await smallTask(world, "voted", 60);
  const files = ["--files", world.storage];
  const published = (task: number) => about(task, "TaskPublished")[0]!.fields;
  const votedBy = (task: number, who: Uint8Array) =>
    about(task, "TaskVoted").find(({ fields }) => toHex(fields.voter) === toHex(who))?.fields.aye;
  const eve = (await signerOf("//Eve")).account;

  const wrong = await publishTask(world, owner, id, { ...spec, difficulty: spec.difficulty + 1n });
  expect(
    await inTime(world, "Eve", "Drilling.vote_task", "project", "vote", `${wrong}`, ...files),
  ).toMatchObject({
    code: 0,
    json: { task: wrong, aye: false, why: expect.stringMatching(/a unit, the project says/) },
  });
  expect(await inTime(world, "Ferdie", "Drilling.close_task", "project", "close", `${wrong}`)).toMatchObject({
    code: 0,
    json: { task: wrong, state: "Closed", open: 0, refunded: expect.stringMatching(/^\d+$/) },
  });
  const { budget, deposit } = await told.until(() => about(wrong, "TaskPublished")[0] && published(wrong));
  const unvoted = await told.until(() => about(wrong, "TaskClosed")[0]?.fields);
  expect([unvoted.agreed, unvoted.refunded]).toEqual([0, budget + deposit]);
  expect(votedBy(wrong, eve)).toBe(false);

  const right = await publishTask(world, owner, id, spec);
  expect(
    await inTime(world, "Eve", "Drilling.vote_task", "project", "vote", `${right}`, ...files),
  ).toMatchObject({
    code: 0,
    json: { task: right, aye: true, why: expect.stringMatching(/a unit, as the project says/) },
  });
  expect(await projectAs("Eve", "close", `${right}`)).toMatchObject({
    code: 2,
    json: { error: { message: expect.stringContaining("NotOwner") } },
  });
  await told.until(() => about(right, "UnitAgreed")[0]);
  const closing = await inTime(world, "Ferdie", "Drilling.close_task", "project", "close", `${right}`);
  expect(closing.json.state).toMatch(/^(Closing|Closed)$/);
  const { agreed, failed, refunded } = await told.until(() => about(right, "TaskClosed")[0]?.fields);
  expect(votedBy(right, eve)).toBe(true);
  expect([agreed > 0, agreed < 60, failed]).toEqual([true, true, 0]);
  const paid = about(right, "MemberPaid").reduce((sum, { fields }) => sum + fields.reward, 0n);
  // Who is trusted by then is asked alone.
  const members = about(right, "UnitAgreed").map(({ fields }) => fields.trainers.length);
  expect(members).toHaveLength(agreed);
  expect(paid).toBe(BigInt(members.reduce((sum, count) => sum + count, 0)) * spec.reward);
  expect(refunded).toBe(published(right).budget + published(right).deposit - paid);
  expect(await project("close", "--project", `${id}`)).toMatchObject({ code: 0, json: { project: id } });
  expect(await held()).toEqual(before);
});

test("what cannot be is said in a line, before money is held", async () => {
  const held = (await world.chain.read(drilling.Projects, [0]))!.deposit;
  const images = join(world.folder, "images");
  const attempt = async (...args: string[]): Promise<string> => {
    const given = ["--publish", "file:never", "--records", records, "--threads", "1"];
    const { code, json } = await project("publish", ...args, ...given);
    expect(code).toBe(2);
    return json.error.message;
  };
  const errors = await Promise.all([
    attempt(classifier, images, "--project", "7"),
    attempt(classifier, images, "--project", "0", "--reward", "100000000"),
    attempt(classifier, images, "--project", "0", "--canaries", "9"),
  ]);
  expect(errors[0]).toMatch(/there is no project 7/);
  expect(errors[1]).toMatch(/has [\d,.]+ MAI free, and the task takes/);
  expect(errors[2]).toMatch(/of 3 units at most 1 can be canaries, 9 are asked for/);
  expect((await world.chain.read(drilling.Projects, [0]))!.deposit).toBe(held);
  const closing = await project("close", "--project", "0");
  expect(closing).toMatchObject({ code: 0, json: { project: 0, refunded: held.toString() } });
});
