import { WORD_BITS } from "../../format/interface-words.ts";
import { elementCount } from "../../format/tensor.ts";
import { constantFunctions } from "../gadgets/poseidon.ts";
import { lower, type LoweredCircuit } from "../lower/lower.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import type { Program } from "../lower/program.ts";
import { type Chunk, emitChunk } from "./emit-chunk.ts";
import { isOut, nameBlock, type NamedBlock, symbolNames } from "./names.ts";
import { type Port, Ports } from "./ports.ts";
import { assignSum, indent } from "./statements.ts";

/**
 * Circom source of exactly the constraints of the lowered circuit: compiled with `--O1` and `circuits/templates` as
 * include path it gives the same rows, up to the numbering of wires and the scaling of rows.
 */
export function emitCircom(source: LoweredCircuit | IntegerGraph): string {
  const circuit = "program" in source ? source : lower(source);
  const { program, graph } = circuit;
  const blocks = program.blocks.map(nameBlock);
  const ports = new Ports(program, blocks);
  const chunks = blocks.flatMap((block) => block.chunks.map((chunk) => emitChunk(chunk, ports)));
  return [
    `// ${graph.name.replace(/[^\x20-\x7e]/g, "?")}`,
    "// Written by the Assay compiler. Public: the binding, then the packed input and output in words of 248 bits.",
    "pragma circom 2.2.0;",
    "",
    ...["argmax", "bits", "interface", "relu"].map((family) => `include "${family}.circom";`),
    ...emitPoseidon(program),
    "",
    ...chunks.flatMap(({ text }) => text),
    "template Model() {",
    ...indent(emitMain(circuit, program, blocks, chunks)),
    "}",
    "",
    "component main {public [binding, words]} = Model();",
    "",
  ].join("\n");
}

function emitMain(
  circuit: LoweredCircuit,
  program: Program,
  blocks: readonly NamedBlock[],
  chunks: readonly Chunk[],
): string[] {
  const names = symbolNames(circuit).map((name) => name.replace(/^main\./, ""));
  return [
    "signal input binding;",
    `signal input words[${program.words.length}];`,
    "signal square;",
    "square <== Binding()(binding);",
    "",
    ...(program.saltWire === null ? [] : ["signal input salt;"]),
    ...program.inputs.flatMap((_, tensor) => emitInput(program, tensor)),
    ...blocks.flatMap(declareResults),
    "",
    ...chunks.flatMap(({ template, component, ports, results }) => [
      `component ${component} = ${template}();`,
      ...ports.flatMap((port) => connect(component, port)),
      ...results.map(({ output, target }) => `${target} <== ${component}.${output};`),
    ]),
    "",
    "var word;",
    ...program.words.flatMap(({ value }, index) => [
      ...assignSum(
        "word",
        value.constant,
        value.terms.map(([wire, weight]) => ({ weight, name: names[wire] ?? "" })),
      ),
      `words[${index}] === word;`,
    ]),
  ];
}

function connect(component: string, { name, picked }: Port): string[] {
  if (picked === null) return [`${component}.${name} <== ${name};`];
  return picked.map((index, at) => `${component}.${name}[${at}] <== ${name}[${index}];`);
}

/** Included and with constants only where something is hashed. */
function emitPoseidon({ blocks }: Program): string[] {
  const gadgets = blocks.flatMap((block) => block.gadgets);
  const widths = new Set(gadgets.flatMap((gadget) => (gadget.kind === "poseidon" ? [gadget.inputs.length + 1] : [])));
  return widths.size === 0 ? [] : [`include "poseidon.circom";`, "", ...[...widths].flatMap(constantFunctions)];
}

/**
 * The only hints from the words; the rows at the end of the template pin each word to its bits. The bits of a committed
 * input are private inputs.
 */
function emitInput({ inputs, placedInputs }: Program, tensor: number): string[] {
  const spec = inputs[tensor];
  if (spec === undefined) return [];
  const count = elementCount(spec);
  const name = `x${tensor}_bits`;
  const placement = placedInputs?.[tensor];
  if (placement === undefined)
    return [
      `signal input ${name}[${count}][${spec.bits}];`,
      `for (var i = 0; i < ${count}; i++) { Booleans(${spec.bits})(${name}[i]); }`,
    ];
  const position = `${placement.start} + i * ${spec.bits} + ${spec.bits - 1} - k`;
  return [
    `signal ${name}[${count}][${spec.bits}];`,
    `for (var i = 0; i < ${count}; i++) {`,
    ...indent([
      `for (var k = 0; k < ${spec.bits}; k++) {`,
      `    var position = ${position};`,
      `    ${name}[i][k] <-- (words[position \\ ${WORD_BITS}] >> (${WORD_BITS - 1} - position % ${WORD_BITS})) & 1;`,
      "}",
      `Booleans(${spec.bits})(${name}[i]);`,
    ]),
    "}",
  ];
}

function declareResults({ block, chunks, outs }: NamedBlock): string[] {
  const others = chunks.flatMap(({ gadgets }) =>
    gadgets.flatMap(({ signals }) =>
      signals.flatMap((signal) => (signal.result && !isOut(signal) ? [`signal ${signal.main}[${signal.size}];`] : [])),
    ),
  );
  return [...(outs === 0 ? [] : [`signal ${block.name}[${outs}];`]), ...others];
}
