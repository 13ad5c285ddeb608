/** A community project: has pictures of digits labelled by trainers, twice each, and collects what they agreed on. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Shown, writeSampleImages } from "../samples/images.ts";
import { command, type Person } from "./command.ts";

const classifier = resolve(import.meta.dirname, "../../docs/examples/projects/image-labels/classifier.onnx");

/** In blocks: a unit takes a moment, but trainers have other work as well. */
const windows = ["--commit-window", "30", "--reveal-window", "20", "--canary-window", "15"];

/** How much there is to label. */
export interface Labels {
  readonly pictures: number;
  /** Pictures in a unit. */
  readonly unitSize: number;
}

/** What the project has at the end. */
export interface Labelled {
  readonly task: number;
  readonly units: number;
  /** A line for each picture. */
  readonly file: string;
  /** Of right labels, 0 to 1. */
  readonly right: number;
}

interface Published {
  readonly task: number;
  readonly units: number;
  readonly state: string;
  readonly agreed: number;
}

export class Project {
  readonly #person: Person;
  readonly #storage: string;
  readonly #labels: Labels;
  #truth: readonly Shown[] = [];

  constructor(person: Person, storage: string, labels: Labels) {
    this.#person = person;
    this.#storage = storage;
    this.#labels = labels;
  }

  /** Draws the pictures, as PNG files. */
  async prepare(): Promise<void> {
    mkdirSync(this.#images, { recursive: true });
    this.#truth = await writeSampleImages(this.#images, this.#labels.pictures, 1);
  }

  /** Registers, publishes, and follows the task to its end. @throws Error unless all units were agreed on. */
  async drill(): Promise<Published> {
    const named = ["--name", "Pictures of digits", "--uri", "file:docs/examples/projects/image-labels"];
    const { project } = await command<{ project: number }>(this.#person, "project", "register", ...named);
    const task = await command<Published>(
      this.#person,
      ...["project", "publish", classifier, this.#images, "--project", String(project)],
      ...["--publish", "file:tasks", "--files", resolve(this.#storage), "--threads", "1", "--watch"],
      ...["--unit-size", String(this.#labels.unitSize), "--reward", "0.1", "--canaries", "1", ...windows],
    );
    if (task.agreed < task.units)
      throw new Error(`task ${task.task} ended as ${task.state}, with ${task.agreed} of ${task.units} units`);
    return task;
  }

  /** Collects the labels and compares them with what was drawn. */
  async collect({ task, units }: Published): Promise<Labelled> {
    const out = join(this.#person.folder, `task-${task}`);
    const files = ["--files", resolve(this.#storage), "--out", out];
    await command(this.#person, "project", "results", String(task), ...files);
    const file = join(out, "labels.csv");
    const labels = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(1) : [];
    const said = new Map(labels.map((line) => line.split(",") as [string, string]));
    const right = this.#truth.filter((each) => said.get(each.file) === String(each.label)).length;
    return { task, units, file, right: right / this.#truth.length };
  }

  get #images(): string {
    return join(this.#person.folder, "pictures");
  }
}
