/** An element of a document, with the text that stands directly in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface Open extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

const TOKEN = /<!DOCTYPE html>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** Reads a document strictly: throws for whatever is not well-formed XML of elements, attributes and text. */
export function readXml(document: string): XmlElement {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(document)) throw new Error("no character of XML");
  const root = open("", "");
  const stack: Open[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < document.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(document);
    if (match === null) throw new Error(`not well-formed at ${at}: ${document.slice(at, at + 60)}`);
    readToken(match, stack);
  }
  const [only] = root.children;
  if (stack.length > 1) throw new Error(`<${stack.at(-1)?.name ?? ""}> is not closed`);
  if (only === undefined || root.children.length > 1 || root.text.trim() !== "") throw new Error("not one element");
  return only;
}

function readToken([, closed, opened, attributes = "", empty, text]: RegExpExecArray, stack: Open[]): void {
  const current = stack.at(-1);
  if (current === undefined) throw new Error("an end without a start");
  if (text !== undefined) current.text += decode(text);
  if (closed !== undefined) {
    if (current.name !== closed) throw new Error(`</${closed}> closes <${current.name}>`);
    stack.pop();
  }
  if (opened === undefined) return;
  const element = open(opened, attributes);
  current.children.push(element);
  if (empty !== "/") stack.push(element);
}

function open(name: string, attributes: string): Open {
  return { name, attributes: readAttributes(attributes), children: [], text: "" };
}

function readAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (attributes.has(name)) throw new Error(`attribute ${name} twice`);
    attributes.set(name, decode(value));
  }
  return attributes;
}

function decode(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const character = whole.endsWith(";") ? ENTITIES[name] : undefined;
    if (character === undefined) throw new Error(`${whole} is no entity`);
    return character;
  });
}
