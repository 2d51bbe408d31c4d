import type { Diagnostics } from "../compile-error.ts";
import { liveNodes } from "../onnx/live-nodes.ts";
import type { OnnxModel, OnnxNode } from "../onnx/model.ts";
import type { ParsedModel } from "../onnx/read-model.ts";
import { opNamed } from "../ops/table.ts";

/** Operators that no circuit can have or that stand for something better; what to do instead. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ["RandomNormal", "a proof needs one answer: draw the numbers outside and make them an input"],
  ["RandomNormalLike", "a proof needs one answer: draw the numbers outside and make them an input"],
  ["RandomUniform", "a proof needs one answer: draw the numbers outside and make them an input"],
  ["RandomUniformLike", "a proof needs one answer: draw the numbers outside and make them an input"],
  ["Bernoulli", "a proof needs one answer: publish the probabilities, or compare them with an input"],
  ["Multinomial", "a proof needs one answer: publish the probabilities, or take their ArgMax"],
  ["StringNormalizer", "text is no number: do this outside, in an input adapter"],
  ["TfIdfVectorizer", "text is no number: do this outside, in an input adapter"],
  ["DictVectorizer", "train on columns of numbers instead of dictionaries"],
]);

const DOMAINS: readonly string[] = ["", "ai.onnx.ml"];

const MICROSOFT =
  "ONNX Runtime wrote it when it optimized the model for one machine: take the file from before that, or save it " +
  "with the graph optimization level ORT_ENABLE_BASIC";

const QUANTIZED =
  "ONNX Runtime's quantizer wrote it in its QOperator format: quantize the model again with quant_format=QuantFormat.QDQ";

/** Before it, Add, Mul and Gemm broadcast by attributes that no exporter has written since 2017. */
const OLDEST_OPSET = 7;
/** The newest that ONNX Runtime runs, against which operators are tested: a later one may give an operator new rules. */
const NEWEST_OPSET = 26;
const NEWEST_ML_OPSET = 5;

/**
 * Throws `MODEL_UNSUPPORTED` with what reading the model found and a diagnostic for every node whose operator does not
 * compile, all at once. Graphs inside nodes are not looked into: a branch that is not taken may hold anything. Nodes that
 * no output depends on are left out of the model: they may be anything too.
 */
export function checkSupported({ model, problems }: ParsedModel): OnnxModel {
  const nodes = liveNodes(model.nodes, model.outputs);
  for (const node of nodes) checkNode(node, problems);
  if (model.opset < OLDEST_OPSET || model.opset > NEWEST_OPSET) {
    const standard = nodes.some(({ domain }) => domain === "");
    if (standard) refuseOpset(`opset ${model.opset}`, `opset ${OLDEST_OPSET} to ${NEWEST_OPSET} (17 is a good choice)`);
  }
  if (model.mlOpset > NEWEST_ML_OPSET)
    refuseOpset(`opset ${model.mlOpset} of ai.onnx.ml`, `opset ${NEWEST_ML_OPSET} of it or older`);
  problems.throwIfAny();
  return Object.freeze({ ...model, nodes });

  function refuseOpset(found: string, wanted: string): void {
    problems.add("OPSET_UNSUPPORTED", { name: "", op: "" }, `the model uses ${found}; export it with ${wanted}`);
  }
}

/** Notes a node without a circuit. */
export function checkNode(node: OnnxNode, problems: Diagnostics): void {
  if (opNamed(node.domain, node.op) !== undefined) return;
  const place = { name: node.name, op: node.domain === "" ? node.op : `${node.domain}.${node.op}` };
  // Its own, and one for each layout in memory.
  const microsoft = node.domain.startsWith("com.microsoft");
  if (!DOMAINS.includes(node.domain) && !microsoft) {
    problems.add(
      "DOMAIN_UNKNOWN",
      place,
      `the domain "${node.domain}" is not known; replace its operators by standard ones, or export with functions inlined`,
    );
    return;
  }
  const foreign = /^Q|Integer|DynamicQuantize/.test(node.op) ? QUANTIZED : MICROSOFT;
  const fallback = microsoft ? foreign : "docs/operators.md lists those that have one";
  problems.add(
    "OP_UNSUPPORTED",
    place,
    `no circuit for this operator; ${ADVICE.get(node.op) ?? fallback}, or publish the model without the Zkml level`,
  );
}
