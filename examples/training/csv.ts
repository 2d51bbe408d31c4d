/**
 * Splits CSV text (RFC 4180) into records of fields. Quoted fields may hold commas, doubled quotes and line breaks.
 * Records end in LF or CRLF; an empty last line is no record.
 *
 * @throws SyntaxError when a quoted field never ends.
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let quoted = false;

  const endRecord = (): void => {
    record.push(field);
    records.push(record);
    record = [];
    field = "";
  };

  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text.charAt(++at);
      else quoted = false;
    } else if (char === '"') {
      quoted = true;
    } else if (char === ",") {
      record.push(field);
      field = "";
    } else if (char === "\n") {
      endRecord();
    } else if (char !== "\r" || text[at + 1] !== "\n") {
      field += char;
    }
  }
  if (quoted) throw new SyntaxError("CSV ends inside a quoted field");
  if (field !== "" || record.length > 0) endRecord();
  return records;
}
