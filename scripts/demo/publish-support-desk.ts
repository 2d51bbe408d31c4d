import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { evaluate, formatReport } from "../../circuits/compiler/index.ts";
import {
  encodeInput,
  parseInputAdapter,
  parseOutputAdapter,
  type InputAdapter,
  type OutputAdapter,
} from "../../circuits/format/adapter.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { prepareVersion } from "../../workers/publish/prepare-version.ts";
import { publicationOf } from "../../workers/publish/publication.ts";
import type { NamedTensorSpec } from "../../circuits/format/manifest.ts";
import { LEVELS, publishModel, type Client } from "../../workers/sdk/index.ts";
import { LocalStore } from "../../workers/store/local-store.ts";
import { serveStore, type StoreServer } from "../../workers/store/serve-store.ts";

const MODEL = fileURLToPath(new URL("../../examples/support-desk/model.onnx", import.meta.url));

export interface PublishedDesk {
  readonly versionId: string;
  readonly inputs: readonly NamedTensorSpec[];
  readonly inputAdapter: InputAdapter;
  readonly outputAdapter: OutputAdapter;
  readonly report: string;
  readonly server: StoreServer;
  /** The label that the integer reference gives a question. */
  answer(text: string): bigint;
}

/** Compiles the support-desk model, makes dev keys, puts all files in a store served over HTTP, and registers it. */
export async function publishSupportDesk(
  client: Client,
  directory: string,
  progress: (message: string) => void,
): Promise<PublishedDesk> {
  const source = await readModelSource(MODEL);
  const inputAdapter = parseInputAdapter(jsonOf(source.inputAdapter));
  const prepared = await prepareVersion(source, { onProgress: (_, message) => progress(message) });
  const store = new LocalStore(join(directory, "artifacts"));
  const server = await serveStore({ store });
  progress("registering the model and its version with a sample proof");
  const { versionId } = await publishModel(client, { ...publicationOf(prepared, LEVELS), store, uri: server.url });
  const { graph, inputs, report } = prepared.compilation;
  return {
    versionId,
    inputs,
    inputAdapter,
    outputAdapter: parseOutputAdapter(jsonOf(source.outputAdapter)),
    report: formatReport(report),
    server,
    answer: (text) => evaluate(graph, [encodeInput(inputAdapter, text).map(BigInt)])[0]?.[0] ?? -1n,
  };
}

function jsonOf(bytes: Uint8Array | null): unknown {
  return bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
}
