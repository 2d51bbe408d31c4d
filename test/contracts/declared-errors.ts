import { globSync, readFileSync } from "node:fs";

export interface DeclaredError {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Custom errors that the sources declare, in the order of files and lines; one that several declare comes up again. */
export function declaredErrors(files: readonly string[]): DeclaredError[] {
  return files.toSorted().flatMap((file) => errorsIn(readFileSync(file, "utf8")).map((error) => ({ ...error, file })));
}

/** Name and line of each `error Name(...)`. A mention in a comment or a string is no declaration. */
export function errorsIn(source: string): Omit<DeclaredError, "file">[] {
  const code = codeOf(source);
  return [...code.matchAll(/\berror\s+(\w+)\s*\(/g)].map((match) => ({
    name: match[1] ?? "",
    line: lineAt(code, match.index),
  }));
}

/** The files that mention each name as a whole word outside of comments; a test may name an error in a string. */
export function mentions(names: readonly string[], files: readonly string[]): Map<string, string[]> {
  const words = new Map(files.toSorted().map((file) => [file, wordsOf(readFileSync(file, "utf8"))]));
  return new Map(names.map((name) => [name, [...words].filter(([, had]) => had.has(name)).map(([file]) => file)]));
}

/** Words of a source outside of its comments, those in strings included. */
export function wordsOf(source: string): Set<string> {
  return new Set(blank(source, true).match(/\w+/g) ?? []);
}

/** The source with comments and the insides of strings blanked out, every other character where it was. */
export function codeOf(source: string): string {
  return blank(source, false);
}

export function lineAt(source: string, index: number): number {
  return source.slice(0, index).split("\n").length;
}

export const contractFiles = (): string[] =>
  globSync("contracts/**/*.sol").filter((file) => !file.replaceAll("\\", "/").startsWith("contracts/examples/"));

/** Tests, and the tables of wrong things that several of them go through. */
export const testFiles = (): string[] => globSync(["test/**/*.test.ts", "test/**/wrong-*.ts", "test/**/*.t.sol"]);

// Strings come first, so that `"https://..."` opens no comment; in TypeScript, a template can hold another in `${}`,
// which this takes for the end of one string and the start of the next: between them is code, as it should be.
const TOKENS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

function blank(source: string, keepStrings: boolean): string {
  return source.replace(TOKENS, (token) =>
    keepStrings && !token.startsWith("/") ? token : token.replace(/[^\n]/g, " "),
  );
}
