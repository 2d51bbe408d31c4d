export interface NpyHeader {
  /** Byte order, kind and bytes of an element, such as "<f4". */
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

const DICTIONARY = /^\{(.*)\}\s*$/su;
const FIELD = /\s*'(\w+)':\s*('[^']*'|True|False|\([\d\s,L]*\)|\[.*?\])\s*(?:,|$)/suy;

/**
 * The header is a Python dictionary, of which NumPy writes one form:
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. Undefined for anything else. A record type, whose descr
 * is a list, is kept as its text.
 */
export function parseNpyHeader(text: string): NpyHeader | undefined {
  const fields = parseFields(DICTIONARY.exec(text)?.[1]?.trimEnd() ?? "");
  const [descr, order, shape] = ["descr", "fortran_order", "shape"].map((name) => fields?.get(name));
  if (descr === undefined || (order !== "True" && order !== "False") || !shape?.startsWith("(")) return undefined;
  const sizes = shape.match(/\d+/gu) ?? [];
  return {
    descr: descr.startsWith("'") ? descr.slice(1, -1) : descr,
    fortran: order === "True",
    shape: sizes.map(Number),
  };
}

/** The values as they are written; undefined if anything else stands between them. */
function parseFields(body: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  FIELD.lastIndex = 0;
  for (let at = 0; at < body.length; at = FIELD.lastIndex) {
    const [, name, value] = FIELD.exec(body) ?? [];
    if (name === undefined || value === undefined || fields.has(name)) return undefined;
    fields.set(name, value);
  }
  return fields;
}
