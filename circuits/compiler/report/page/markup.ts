/** Text of HTML or SVG that is well-formed and escaped: made by `element` alone. */
export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Strings among the children and in attributes are escaped, whatever a model's names hold. */
  static element(name: string, attributes: Attributes, children: readonly Child[]): Markup {
    const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(String(value))}"`);
    const inside = children.map((child) => (child instanceof Markup ? child.text : escapeText(String(child))));
    return new Markup(
      children.length === 0 && VOID.has(name)
        ? `<${name}${given.join("")}/>`
        : `<${name}${given.join("")}>${inside.join("")}</${name}>`,
    );
  }
}

export type Child = Markup | string | number;
export type Attributes = Readonly<Record<string, string | number>>;

/** Elements of HTML that have no end tag, and those of SVG that we leave empty. HTML wants an end tag for all others. */
const VOID: ReadonlySet<string> = new Set(["meta", "br", "rect", "circle", "line", "path"]);

export function element(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  return Markup.element(name, attributes, children);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What XML cannot hold even as an entity, control characters and halves of pairs, becomes U+FFFD. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
