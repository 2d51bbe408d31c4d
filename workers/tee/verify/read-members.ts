import { TeeError, type TeeErrorCode } from "../error.ts";
import type { JsonCursor } from "./json.ts";

/** How each member of an object is read, by its name. */
export type Readers<T extends object> = { readonly [K in keyof T]: () => T[K] };

/** Reads the members that have a reader and skips all others. A second one of a name would silently win: it is `twice`. */
export function readMembers<T extends object>(json: JsonCursor, readers: Readers<T>, twice: TeeErrorCode): Partial<T> {
  const found: Partial<T> = {};
  const set = (name: keyof T) => {
    found[name] = readers[name]();
  };
  json.members((name, start) => {
    if (!isKeyOf(readers, name)) json.skip();
    else if (name in found) throw new TeeError(twice, { pos: start });
    else set(name);
  });
  return found;
}

/** What was found, if each member was. */
export function requireAll<T extends object>(found: Partial<T>, readers: Readers<T>, code: TeeErrorCode): T {
  const names = Object.keys(readers);
  if (hasAll(found, names)) return found;
  throw new TeeError(code, { missing: names.filter((name) => !(name in found)).join(" ") });
}

function isKeyOf<T extends object>(readers: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(readers, name);
}

function hasAll<T extends object>(found: Partial<T>, names: readonly string[]): found is T {
  return names.every((name) => name in found);
}
