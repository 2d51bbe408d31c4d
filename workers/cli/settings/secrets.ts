import { secretsOfUrl } from "../../daemon/index.ts";

const SECRET_NAME = /password|secret|token|apiKey/i;

/** Every text of a configuration that no log may show: what is called a secret, and what is one in addresses of services. */
export function secretsIn(value: unknown, name = ""): string[] {
  if (typeof value === "string") {
    // The name of a file that holds a secret is none.
    const isNamed = SECRET_NAME.test(name) && !/file$/i.test(name);
    return isNamed ? [value] : secretsOfUrl(value);
  }
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(item, name));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([member, below]) => secretsIn(below, member));
}
