import { byteAt } from "../bytes.ts";
import { TeeError } from "../error.ts";

const DAY = 86_400;

/** "YYMMDDhhmmssZ" (years 1970 to 2049) or "YYYYMMDDhhmmssZ", as DER has them, as seconds since 1970. */
export function derTime(text: Uint8Array, from: number, to: number): number {
  const yearDigits = to - from === 13 ? 2 : 4;
  if (to - from !== 11 + yearDigits || byteAt(text, to - 1) !== 0x5a) throw invalid(from);
  const short = digits(text, from, yearDigits);
  const year = yearDigits === 4 ? short : short + (short < 50 ? 2000 : 1900);
  const pos = from + yearDigits;
  const day = dayOf(from, year, digits(text, pos, 2), digits(text, pos + 2, 2));
  return day * DAY + clock(text, pos + 4, 2);
}

/** "YYYY-MM-DDThh:mm:ssZ", as JSON has them, as seconds since 1970. */
export function isoTime(text: Uint8Array, from: number, to: number): number {
  if (to - from !== 20) throw invalid(from);
  for (const [offset, separator] of [
    [4, "-"],
    [7, "-"],
    [10, "T"],
    [13, ":"],
    [16, ":"],
    [19, "Z"],
  ] as const)
    if (byteAt(text, from + offset) !== separator.charCodeAt(0)) throw invalid(from);
  const day = dayOf(from, digits(text, from, 4), digits(text, from + 5, 2), digits(text, from + 8, 2));
  return day * DAY + clock(text, from + 11, 3);
}

function clock(text: Uint8Array, hour: number, step: number): number {
  const hours = digits(text, hour, 2);
  const minutes = digits(text, hour + step, 2);
  const seconds = digits(text, hour + 2 * step, 2);
  if (hours > 23 || minutes > 59 || seconds > 59) throw invalid(hour);
  return hours * 3600 + minutes * 60 + seconds;
}

function dayOf(from: number, year: number, month: number, day: number): number {
  const midnight = Date.UTC(year, month - 1, day);
  // A day that the month does not have would be taken for one of the next.
  const isReal = year >= 1970 && new Date(midnight).getUTCMonth() === month - 1;
  if (!isReal) throw invalid(from);
  return midnight / (DAY * 1000);
}

function digits(text: Uint8Array, pos: number, count: number): number {
  let value = 0;
  for (let i = pos; i < pos + count; ++i) {
    const digit = byteAt(text, i) - 48;
    if (digit < 0 || digit > 9) throw invalid(i);
    value = value * 10 + digit;
  }
  return value;
}

const invalid = (pos: number) => new TeeError("CalendarTimeInvalid", { pos });
