/** The fenced blocks of a Markdown page, and what their first lines say about them. */
export interface Fence {
  /** Of the page that it stands in, relative to the root. */
  readonly page: string;
  /** Its first line in the page, from 1. */
  readonly line: number;
  readonly language: string;
  /** What follows the language: `background`, `elsewhere`, or the name of a file. */
  readonly word: string;
  readonly text: string;
}

/** A line for the test alone, which readers do not see: `<!-- test: SHELL -->`. */
export const hiddenLanguage = "test";

const fence = /^```(\w+)(?:[ \t]+(\S+))?\n([\s\S]*?)^```$|^<!-- test: (.*) -->$/gm;

export function fencesOf(page: string, markdown: string): Fence[] {
  return [...markdown.matchAll(fence)].map((match) => {
    const [, language, word = "", text = "", hidden] = match;
    const line = markdown.slice(0, match.index).split("\n").length;
    return hidden === undefined
      ? { page, line, language: language as string, word, text }
      : { page, line, language: hiddenLanguage, word, text: `${hidden}\n` };
  });
}

/** The commands of a block: lines joined where they end with a backslash, comments and empty ones left out. */
export const commandsIn = ({ text }: Fence): string[] =>
  text
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
