const labels: Readonly<Record<number, readonly [text: string, colour: number]>> = {
  10: ["TRACE", 90],
  20: ["DEBUG", 36],
  30: ["INFO ", 32],
  40: ["WARN ", 33],
  50: ["ERROR", 31],
};

/** One JSON record of pino as one readable line; fields follow the words as `name=value`. */
export function formatLine(record: string, colour: boolean): string {
  const { level, time, target, msg, ...fields } = JSON.parse(record) as Record<string, unknown>;
  const paint = (text: string, code: number) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [label, code] = labels[level as number] ?? ["INFO ", 32];
  const pairs = Object.entries(fields).map(([name, value]) => ` ${paint(`${name}=`, 90)}${valueText(value)}`);
  return `${localTime(new Date(time as number))} ${paint(label, code)} ${target}: ${msg}${pairs.join("")}\n`;
}

/** A value on one line: text with spaces, quotes or control characters is quoted, so that no input can forge a line. */
function valueText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[\x21\x23-\x7e\u2026]+$/.test(value) ? value : JSON.stringify(value);
}

function localTime(at: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
