import type { Setting } from "./setting.ts";
import { valueOf } from "./setting.ts";

/** One setting that was given outside of the file. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** The flag or the variable. */
  readonly source: string;
}

/** Settings in environment variables; one that is empty counts as not set. `problems`: variables with the prefix that are none. */
export function fromEnvironment(
  settings: readonly Setting[],
  prefix: string,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly overrides: readonly Override[]; readonly problems: readonly string[] } {
  const overrides: Override[] = [];
  const problems: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || text === undefined || text === "") continue;
    const setting = settings.find(({ variable }) => variable === name);
    if (setting === undefined) problems.push(`${name}: is no setting; see assay worker run --help`);
    else overrides.push({ path: setting.path, value: valueOf(setting, text), source: name });
  }
  return { overrides, problems };
}

/** Settings among a command's options. */
export function fromFlags(settings: readonly Setting[], texts: Readonly<Record<string, unknown>>): readonly Override[] {
  return settings.flatMap((setting) => {
    const text = texts[optionName(setting)];
    return typeof text === "string"
      ? [{ path: setting.path, value: valueOf(setting, text), source: setting.flag }]
      : [];
  });
}

/** What commander calls the option of a flag. */
export function optionName({ flag }: Setting): string {
  return flag.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The file's values with the overrides in their places; wholes come before their parts. */
export function withOverrides(
  file: Readonly<Record<string, unknown>>,
  overrides: readonly Override[],
): Record<string, unknown> {
  const result: Record<string, unknown> = structuredClone(file);
  for (const { path, value } of overrides.toSorted((a, b) => a.path.length - b.path.length)) {
    let place = result;
    for (const name of path.slice(0, -1)) place = descend(place, name);
    place[path.at(-1) ?? ""] = value;
  }
  return result;
}

function descend(place: Record<string, unknown>, name: string): Record<string, unknown> {
  const below = place[name];
  if (isRecord(below)) return below;
  const made: Record<string, unknown> = {};
  place[name] = made;
  return made;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
