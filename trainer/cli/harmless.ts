/**
 * A text without what would command a terminal or turn its writing round: names on the chain, files and answers of servers are
 * strangers' words. Lines stay apart.
 */
export const harmless = (text: string): string =>
  text.replace(/[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
