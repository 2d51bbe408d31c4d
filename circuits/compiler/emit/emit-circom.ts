import { WORD_BITS } from "../../format/interface-words.ts";
import { elementCount } from "../../format/tensor.ts";
import { lower, type LoweredCircuit } from "../lower/lower.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { placeTensors } from "../lower/place-words.ts";
import type { Block, Program } from "../lower/program.ts";
import { brackets, type Chunk, emitChunks } from "./emit-chunk.ts";
import { reluIndex, resultName, symbolNames } from "./names.ts";
import { assignSum, indent } from "./statements.ts";

/**
 * Circom source of exactly the constraints of the lowered circuit: compiled with `--O1` and `circuits/templates` as
 * include path it gives the same rows, up to the numbering of wires and the scaling of rows.
 */
export function emitCircom(source: LoweredCircuit | IntegerGraph): string {
  const circuit = "program" in source ? source : lower(source);
  const { program, graph } = circuit;
  const chunks = program.blocks.flatMap((block) => emitChunks(program, block));
  return [
    `// ${graph.name.replace(/[^\x20-\x7e]/g, "?")}`,
    "// Written by the Assay compiler. Public: the binding, then the packed input and output in words of 248 bits.",
    "pragma circom 2.2.0;",
    "",
    ...["argmax", "bits", "interface", "relu"].map((family) => `include "${family}.circom";`),
    "",
    ...chunks.flatMap(({ text }) => text),
    "template Model() {",
    ...indent(emitMain(circuit, program, chunks)),
    "}",
    "",
    "component main {public [binding, words]} = Model();",
    "",
  ].join("\n");
}

function emitMain(circuit: LoweredCircuit, program: Program, chunks: readonly Chunk[]): string[] {
  const names = symbolNames(circuit).map((name) => name.replace(/^main\./, ""));
  return [
    "signal input binding;",
    `signal input words[${program.words.length}];`,
    "signal square;",
    "square <== Binding()(binding);",
    "",
    ...program.inputs.flatMap((_, tensor) => emitInput(program, tensor)),
    ...program.blocks.flatMap(declareResults),
    "",
    ...chunks.flatMap(({ template, component, ports, results }) => [
      `component ${component} = ${template}();`,
      ...ports.map(({ name }) => `${component}.${name} <== ${name};`),
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

/** The only hints from the words; the rows at the end of the template pin each word to its bits. */
function emitInput({ inputs }: Program, tensor: number): string[] {
  const spec = inputs[tensor];
  const placement = placeTensors(inputs)[tensor];
  if (spec === undefined || placement === undefined) return [];
  const count = elementCount(spec);
  const name = `x${tensor}_bits`;
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

function declareResults(block: Block): string[] {
  const relus = reluIndex(block, block.gadgets.length);
  const others = block.gadgets.flatMap((gadget, position) => {
    if (gadget.kind === "relu") return [];
    const size = gadget.kind === "argmax" ? gadget.sums.length : gadget.bits;
    return [`signal ${resultName(block, position)}${brackets([size])};`];
  });
  return [...(relus === 0 ? [] : [`signal ${block.name}[${relus}];`]), ...others];
}
