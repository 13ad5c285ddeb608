/** One line of a benchmark: a figure, and the limit or peer measured beside it in the same run. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What `value` is measured against, in the same unit. */
  readonly against?: { readonly name: string; readonly value: number };
  /** What we want of `value`, or of `value / against` where there is one. */
  readonly aim?: { readonly atMost: number } | { readonly atLeast: number };
}

export interface Table {
  readonly title: string;
  readonly rows: readonly Row[];
}

const figure = (x: number): string => {
  const digits = Math.abs(x) >= 100 ? 0 : Math.abs(x) >= 10 ? 1 : 3;
  return x.toLocaleString("en-US", { maximumFractionDigits: digits });
};

/** The figure that is compared with the aim and with the stored baseline. */
export const ratioOf = (row: Row): number => (row.against ? row.value / row.against.value : row.value);

function aimText(row: Row): string {
  if (row.aim === undefined) return "";
  const limit = "atMost" in row.aim ? row.aim.atMost : row.aim.atLeast;
  const met = "atMost" in row.aim ? ratioOf(row) <= limit : ratioOf(row) >= limit;
  return `${"atMost" in row.aim ? "<=" : ">="} ${figure(limit)} ${met ? "met" : "MISSED"}`;
}

/** Prints a table; `baseline` maps `title/name` to the ratio of the stored run. */
export function printTable(table: Table, baseline: Readonly<Record<string, number>>): void {
  console.log(`\n${table.title}`);
  const cells = table.rows.map((row) => {
    const before = baseline[`${table.title}/${row.name}`];
    return {
      what: row.name,
      measured: `${figure(row.value)} ${row.unit}`,
      against: row.against ? `${figure(row.against.value)} ${row.unit} ${row.against.name}` : "",
      ratio: row.against ? figure(ratioOf(row)) : "",
      aim: aimText(row),
      baseline: before === undefined ? "" : `${figure(before)} (x${figure(ratioOf(row) / before)})`,
    };
  });
  const columns = ["what", "measured", "against", "ratio", "aim", "baseline"] as const;
  const widths = columns.map((c) => Math.max(c.length, ...cells.map((cell) => cell[c].length)));
  const line = (texts: readonly string[]) =>
    console.log(`  ${texts.map((t, i) => t.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
  line(columns);
  for (const cell of cells) line(columns.map((c) => cell[c]));
}
