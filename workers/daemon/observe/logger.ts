import { destination, type DestinationStream, type Logger, pino } from "pino";

export interface LoggerOptions {
  readonly level: string;
  /** Texts that no line may show: keys, passwords, what is secret in addresses of services. */
  readonly secrets?: readonly string[];
  /** Default: standard error. */
  readonly to?: DestinationStream;
}

const HIDDEN = "[redacted]";
/** A shorter text is in too many lines by chance. */
const SHORTEST_SECRET = 6;
/** Members that are secret wherever they are, until what they belong to is over. */
const SECRET_MEMBERS = ["privateKey", "password", "rootSecret", "salt", "outputSalt", "authorization", "apiKey"];

/**
 * JSON lines in which no secret is. What is known to be one is cut out of the finished line, whoever put it there: an error's
 * message of a library as well as a member of ours.
 */
export function createLogger({ level, secrets = [], to = destination(2) }: LoggerOptions): Logger {
  const hidden = [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length);
  const streamWrite = (line: string): string => hidden.reduce((text, secret) => text.replaceAll(secret, HIDDEN), line);
  const paths = SECRET_MEMBERS.flatMap((name) => [name, `*.${name}`]);
  return pino({ level, redact: { paths, censor: HIDDEN }, hooks: { streamWrite } }, to);
}

/** A secret as it may stand in a line. */
function spellings(secret: string): string[] {
  const bare = secret.replace(/^0x/, "");
  const escaped = JSON.stringify(secret).slice(1, -1);
  const encoded = encodeURIComponent(secret);
  return [bare, bare.toLowerCase(), bare.toUpperCase(), secret, escaped, encoded].filter(
    (text) => text.length >= SHORTEST_SECRET,
  );
}

/** What is secret in the address of a service: its password, and what paths and queries have in place of one. */
export function secretsOfUrl(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, pathname, searchParams } = new URL(text);
  const long = pathname.split("/").filter((segment) => segment.length >= 16);
  const found = [username, password, ...long, ...searchParams.values()];
  return found.flatMap((each) => [each, safelyDecoded(each)]).filter((each) => each.length >= SHORTEST_SECRET);
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
