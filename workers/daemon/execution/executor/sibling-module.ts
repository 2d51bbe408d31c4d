import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Path of a module beside `caller` (its `import.meta.url`) with the same extension: .ts from source, .js once compiled. */
export function siblingModule(name: string, caller: string): string {
  return fileURLToPath(new URL(`./${name}${extname(caller)}`, caller));
}
