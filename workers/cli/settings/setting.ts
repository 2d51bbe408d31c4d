/**
 * The fields of a configuration as settings: each can be given in the file, in the environment and on the command line, in this
 * order, and the last one counts. They are read off the configuration's own schema, so that a new field is a new setting.
 */
import { z } from "zod";

type Kind = "string" | "number" | "boolean" | "array" | "object";

export interface Setting {
  /** Where it is in the file, such as `["inputs", "port"]`. */
  readonly path: readonly string[];
  /** Such as `--inputs-port`. */
  readonly flag: string;
  /** Such as `ASSAY_WORKER_INPUTS_PORT`. */
  readonly variable: string;
  readonly kinds: ReadonlySet<Kind>;
  /** What it may be, for help: kinds, or the words themselves. */
  readonly values: string;
}

const node = z.object({
  type: z.string().optional(),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), node).optional();
  },
  get anyOf() {
    return z.array(node).optional();
  },
  get oneOf() {
    return z.array(node).optional();
  },
});
type Node = z.infer<typeof node>;

/** Every field of an object's schema, and every field of the objects in it. */
export function settingsOf(schema: z.ZodType, prefix: string): readonly Setting[] {
  const found = new Map<string, Setting>();
  const visit = (alternatives: readonly Node[], path: readonly string[]): void => {
    if (path.length > 0) add(found, settingAt(alternatives, path, prefix));
    const members = new Map<string, Node[]>();
    for (const { properties = {} } of alternatives)
      for (const [name, member] of Object.entries(properties))
        members.set(name, [...(members.get(name) ?? []), ...alternativesOf(member)]);
    for (const [name, of] of members) visit(of, [...path, name]);
  };
  visit(alternativesOf(node.parse(z.toJSONSchema(schema, { io: "input" }))), []);
  return [...found.values()];
}

function add(found: Map<string, Setting>, setting: Setting): void {
  const taken = found.get(setting.flag);
  if (taken !== undefined)
    throw new Error(`${taken.path.join(".")} and ${setting.path.join(".")} would both be ${setting.flag}`);
  found.set(setting.flag, setting);
}

function alternativesOf(of: Node): readonly Node[] {
  const nested = [...(of.anyOf ?? []), ...(of.oneOf ?? [])];
  return nested.length === 0 ? [of] : nested.flatMap(alternativesOf);
}

function settingAt(alternatives: readonly Node[], path: readonly string[], prefix: string): Setting {
  const words = path.flatMap((name) =>
    name
      .replaceAll(/([A-Z])/g, " $1")
      .trim()
      .toLowerCase()
      .split(" "),
  );
  const kinds = new Set(alternatives.map(({ type }) => kindOf(type)));
  return {
    path,
    flag: `--${words.join("-")}`,
    variable: `${prefix}${words.join("_").toUpperCase()}`,
    kinds,
    values: [...new Set(alternatives.flatMap(valuesOf))].join("|"),
  };
}

function kindOf(type: string | undefined): Kind {
  if (type === "integer" || type === "number") return "number";
  return type === "boolean" || type === "array" || type === "object" ? type : "string";
}

function valuesOf({ type, const: only, enum: words }: Node): string[] {
  if (only !== undefined) return [only];
  if (words !== undefined) return words;
  switch (kindOf(type)) {
    case "array":
    case "object":
      return ["json"];
    case "number":
      return ["number"];
    case "boolean":
      return ["true", "false"];
    case "string":
      return ["text"];
  }
}

/** What a text means where only texts can be given; what it cannot mean is left to the schema to refuse. */
export function valueOf({ kinds }: Setting, text: string): unknown {
  if ((kinds.has("array") || kinds.has("object")) && /^\s*[[{]/.test(text)) return jsonOr(text);
  if (kinds.has("boolean") && /^(true|false)$/.test(text)) return text === "true";
  if (kinds.has("number") && !kinds.has("string") && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kinds.has("array") && (!kinds.has("string") || text.includes(",")))
    return text.split(",").map((one) => one.trim());
  return text;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
