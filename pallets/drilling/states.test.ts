import { describe, expect, test } from "vitest";
import * as Machines from "../machines/index.ts";
import * as Drilling from "./index.ts";
import { declaration } from "./schema.ts";

const tables = {
  machine: { states: Machines.machineStates, rows: Machines.machineTransitions, first: "Unproven" },
  challenge: { states: Machines.challengeStates, rows: Machines.challengeTransitions, first: "Queued" },
  task: { states: Drilling.taskStates, rows: Drilling.taskTransitions, first: "Voting" },
  unit: { states: Drilling.unitStates, rows: Drilling.unitTransitions, first: "Committing" },
} as const;
type Row = { from: string | readonly string[]; to: string; by: string; event: string };
const events = new Set([...Object.keys(declaration.schema.events), ...Object.keys(Machines.events)]);
const calls = new Set([...Object.keys(Drilling.drilling.calls), ...Object.keys(Machines.machines.calls)]);
const constants = new Set([...Object.keys(Drilling.constants), ...Object.keys(Machines.constants)]);

describe.each(Object.entries(tables))("the states of a %s", (_, { states, rows, first }) => {
  const list = rows as readonly Row[];
  const all = states as readonly string[];

  test("are all reached from the first, and all have a way out to an end", () => {
    const from = (state: string) =>
      list.filter((row) => [row.from].flat().includes(state)).map(({ to }) => to);
    const reached = new Set([first as string]);
    for (const state of reached) for (const next of from(state)) reached.add(next);
    for (const state of all) expect(reached, state).toContain(state);
    for (const state of all) {
      const ahead = new Set([state]);
      for (const s of ahead) for (const next of from(s)) ahead.add(next);
      expect(
        [...ahead].some((s) => !all.includes(s)),
        `${state} ends`,
      ).toBe(true);
    }
  });

  test("are moved by what there is, and told by events that there are", () => {
    for (const { from, by, event } of list) {
      for (const state of [from].flat()) expect(["new", ...all]).toContain(state);
      expect(events, event).toContain(event);
      const named = by.match(/\b[a-z]+_[a-z_]+\b/g) ?? [];
      const windows = ["commit_window", "reveal_window"];
      for (const name of named) expect(calls.has(name) || windows.includes(name), name).toBe(true);
      for (const name of by.match(/\b[A-Z]\w+Window\b/g) ?? []) expect(constants, name).toContain(name);
    }
  });

  test("know no other moves", () => {
    for (const state of all) {
      for (const to of all) {
        const isKnown =
          state === to || list.some((row) => row.to === to && [row.from].flat().includes(state));
        expect(Machines.mayMove(list as readonly Machines.Transition<string, string>[], state, to)).toBe(
          isKnown,
        );
      }
    }
  });
});
