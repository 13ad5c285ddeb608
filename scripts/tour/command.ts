import type { Children } from "./children.ts";

/** Who gives a command, and to which node. */
export interface Person {
  readonly children: Children;
  readonly url: string;
  /** A test account's name. */
  readonly name: string;
  /** Where its programs keep what is theirs. */
  readonly folder: string;
}

/** Runs a command as this person and reads the document that it prints. @throws Error in the command's own words. */
export async function command<T>(person: Person, ...args: readonly string[]): Promise<T> {
  const { children, url, name, folder } = person;
  const env = {
    MATRIXAI_SECRET: `//${name}`,
    MATRIXAI_URL: url,
    XDG_DATA_HOME: `${folder}/data`,
    XDG_CACHE_HOME: `${folder}/cache`,
  };
  const { code, out, err } = await children.run(name.toLowerCase(), [...args, "--json"], env);
  const said = documentIn(out);
  if (said?.error) throw new Error(`${args.slice(0, 2).join(" ")}: ${said.error.message}`);
  if (said === undefined || code === null)
    throw new Error(`${args.slice(0, 2).join(" ")} ended with ${code}: ${err.trim()}`);
  return said as T;
}

function documentIn(text: string): { readonly error?: { readonly message: string } } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
