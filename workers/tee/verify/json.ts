import { byteAt, latin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { isoTime } from "../x509/calendar-time.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MAX_DIGITS = 10;

/**
 * JSON as Intel signs it: no white space, no escapes, no fractions. A cursor that only moves on, and refuses what
 * contracts/tee/dcap/Json.sol refuses.
 */
export class JsonCursor {
  readonly text: Uint8Array;
  pos = 0;

  constructor(text: Uint8Array) {
    this.text = text;
  }

  /** Calls `read` with the name of each member of an object; it must read or skip the value. */
  members(read: (name: string, start: number) => void): void {
    this.#items("{", "}", () => {
      const start = this.pos;
      const name = this.word();
      this.#take(":");
      read(name, start);
    });
  }

  /** Calls `read` before each element of an array; it must read or skip the element. */
  elements(read: () => void): void {
    this.#items("[", "]", read);
  }

  word(): string {
    const { from, to } = this.string();
    return latin1(this.text.subarray(from, to));
  }

  /** The characters of a string lie in `text[from:to]`. */
  string(): { readonly from: number; readonly to: number } {
    this.#take('"');
    const from = this.pos;
    for (let to = from; to < this.text.length; ++to) {
      const character = byteAt(this.text, to);
      if (character === QUOTE) {
        this.pos = to + 1;
        return { from, to };
      }
      if (character === BACKSLASH || character < 0x20) throw unexpected(to);
    }
    throw unexpected(this.text.length);
  }

  number(): number {
    const from = this.pos;
    let value = 0;
    while (this.pos < this.text.length && this.pos - from < MAX_DIGITS) {
      const digit = byteAt(this.text, this.pos) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      this.pos += 1;
    }
    const hasLeadingZero = this.pos > from + 1 && byteAt(this.text, from) === 48;
    if (this.pos === from || hasLeadingZero) throw unexpected(from);
    return value;
  }

  /** A string of `count` bytes in hexadecimal. */
  hexBytes(count: number): Uint8Array {
    const { from, to } = this.string();
    if (to - from !== 2 * count) throw unexpected(from);
    return this.hexAt(from, count);
  }

  hexAt(from: number, count: number): Uint8Array {
    return Uint8Array.from(
      { length: count },
      (_, i) => this.#nibble(from + 2 * i) * 16 + this.#nibble(from + 2 * i + 1),
    );
  }

  /** A date, as seconds since 1970. */
  time(): number {
    const { from, to } = this.string();
    return isoTime(this.text, from, to);
  }

  /** Passes over a value whatever it is. What lies in brackets is only checked for closing them all. */
  skip(): void {
    let depth = 0;
    do {
      const character = this.#peek();
      if (character === '"') {
        this.string();
        continue;
      }
      if (character === "{" || character === "[") ++depth;
      if (character === "}" || character === "]") --depth;
      if (depth < 0) throw unexpected(this.pos);
      this.pos += 1;
    } while (depth > 0);
    // A number or a word of letters goes on to the next comma or bracket.
    while (this.pos < this.text.length && !",}]".includes(this.#peek())) this.pos += 1;
  }

  finish(): void {
    if (this.pos !== this.text.length) throw unexpected(this.pos);
  }

  #items(open: string, close: string, read: () => void): void {
    this.#take(open);
    for (let isFirst = true; this.#peek() !== close; isFirst = false) {
      if (!isFirst) this.#take(",");
      read();
    }
    this.pos += 1;
  }

  #take(character: string): void {
    if (this.#peek() !== character) throw unexpected(this.pos);
    this.pos += 1;
  }

  #peek(): string {
    if (this.pos >= this.text.length) throw unexpected(this.pos);
    return String.fromCharCode(byteAt(this.text, this.pos));
  }

  #nibble(pos: number): number {
    const digit = "0123456789abcdef".indexOf(String.fromCharCode(byteAt(this.text, pos)).toLowerCase());
    if (digit < 0) throw unexpected(pos);
    return digit;
  }
}

const unexpected = (pos: number) => new TeeError("JsonUnexpected", { pos });
