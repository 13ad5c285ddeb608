/** Deepest nesting of arrays and objects in a message; our deepest request needs five. */
export const maxDepth = 64;
/** Most elements and members in a message, nested ones included. */
export const maxParts = 262_144;

/**
 * Says what makes `text` too costly to parse, or undefined.
 * One pass that skips strings, so that a stranger's fifteen megabytes of `[` or of `{},` are refused
 * before each becomes an object; whether the text is JSON at all is for the parser to find.
 */
export function shapeProblem(text: string): string | undefined {
  // Valid JSON closes what it opens, so a short text cannot be deep.
  if (text.length <= 2 * maxDepth) return undefined;
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22:
        at = closingQuote(text, at);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > maxDepth) return `nested deeper than ${maxDepth}`;
        if (++parts > maxParts) return `more than ${maxParts} elements`;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      case 0x2c:
        if (++parts > maxParts) return `more than ${maxParts} elements`;
    }
  }
  return undefined;
}

/** Position of the quote that ends the string opened at `open`; the end of the text when there is none. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}
