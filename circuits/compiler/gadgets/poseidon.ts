import { FIELD_ORDER } from "../../format/interface-words.ts";
import { tracePoseidon, isFull } from "../../format/poseidon.ts";
import { invert, toField } from "../../format/field.ts";
import { FULL_ROUNDS, poseidonParameters } from "../../format/poseidon-parameters.ts";
import { type Gadget, type GadgetRules, minus, type PoseidonGadget, wireAlone, type WireSum } from "./gadget.ts";
import { poseidonSchedule } from "./poseidon-schedule.ts";

/**
 * 3 rows for each S-box, whose A and B name single wires, and a linear row for each S-box of a full round: dense sums
 * stand in C. For a state of t elements and p partial rounds at most 32 t + 3 p - 3 rows. The first element of the
 * first state is a constant, and so is what its S-box makes of it.
 */
export const poseidon: GadgetRules<Gadget<"poseidon">> = {
  signals: (gadget) => {
    const { ins, states, boxes, fifths } = sizesOf(gadget);
    return [
      { name: "out", size: 1, result: true },
      { name: "in", size: ins, result: false },
      { name: "state", size: states, result: false },
      { name: "square", size: boxes, result: false },
      { name: "fourth", size: boxes, result: false },
      { name: "fifth", size: fifths, result: false },
    ];
  },
  sums: ({ inputs }) => inputs,
  widths: () => [],

  rows(gadget, writer) {
    const schedule = poseidonSchedule(gadget.inputs.length + 1);
    const { partialRounds, full, partial, matrix, rows, columns, last } = schedule;
    const wires = new WireCounter(gadget);
    const box = (x: WireSum): WireSum => {
      const [square, fourth] = [wireAlone(wires.square++), wireAlone(wires.fourth++)];
      writer.product(x, x, square);
      writer.product(square, square, fourth);
      return fourth;
    };
    const fullBox = (x: WireSum): WireSum => {
      const fifth = wireAlone(wires.fifth++);
      writer.product(box(x), x, fifth);
      return fifth;
    };
    const named = (sum: WireSum): WireSum => {
      const wire = wireAlone(wires.state++);
      writer.zero(minus(wire, sum));
      return wire;
    };
    const entering = gadget.inputs.map((input, index) => {
      const sum = writer.expand(input);
      if (gadget.direct[index] === true) return sum;
      const wire = wireAlone(wires.in++);
      writer.zero(minus(wire, sum));
      return wire;
    });

    const half = FULL_ROUNDS / 2;
    const first = full[0] ?? [];
    let state = [
      constantSum(firstBox(gadget)),
      ...entering.map((sum, index) => fullBox({ ...sum, constant: sum.constant + (first[index + 1] ?? 0n) })),
    ];
    for (let round = 1; round < half; round++)
      state = matrix.map((row, index) => named(weigh(state, row, full[round]?.[index] ?? 0n))).map(fullBox);

    let head = named(weigh(state, matrix[0] ?? [], partial[0] ?? 0n));
    let others = matrix.slice(1).map((row) => weigh(state, row, 0n));
    const corner = matrix[0]?.[0] ?? 0n;
    const inverse = invert(corner);
    for (let round = 0; round < partialRounds; round++) {
      const next = wireAlone(wires.state++);
      const rest = weigh(others, rows[round] ?? [], partial[round + 1] ?? 0n);
      writer.product(weigh([box(head)], [corner], 0n), head, minus(next, rest));
      const fifth = weigh([next, rest], [inverse, FIELD_ORDER - inverse], 0n);
      others = others.map((sum, index) => weigh([sum, fifth], [1n, columns[round]?.[index] ?? 0n], 0n));
      head = next;
    }
    state = [head, ...last.map((row, index) => named(weigh(others, row, full[half]?.[index + 1] ?? 0n)))].map(fullBox);
    for (let round = half + 1; round < FULL_ROUNDS; round++)
      state = matrix.map((row, index) => named(weigh(state, row, full[round]?.[index] ?? 0n))).map(fullBox);
    writer.zero(minus(wireAlone(gadget.first), weigh(state, matrix[0] ?? [], 0n)));
  },

  witness(gadget, writer) {
    const { partialRounds } = poseidonParameters(gadget.inputs.length + 1);
    const wires = new WireCounter(gadget);
    const inputs = gadget.inputs.map((input) => toField(writer.valueOf(input)));
    inputs.forEach((value, index) => {
      if (gadget.direct[index] !== true) writer.set(wires.in++, value);
    });
    const trace = tracePoseidon(inputs, gadget.capacity);
    trace.slice(0, -1).forEach((state, round) => {
      const whole = isFull(round, partialRounds);
      (whole ? state : state.slice(0, 1)).forEach((value, index) => {
        if (round > 0) writer.set(wires.state++, value);
        else if (index === 0) return;
        const square = (value * value) % FIELD_ORDER;
        const fourth = (square * square) % FIELD_ORDER;
        writer.set(wires.square++, square);
        writer.set(wires.fourth++, fourth);
        if (whole) writer.set(wires.fifth++, (fourth * value) % FIELD_ORDER);
      });
    });
    writer.set(gadget.first, trace.at(-1)?.[0] ?? 0n);
  },

  circom({ inputs, direct, capacity }, writer) {
    const width = inputs.length + 1;
    const [taken, name] = [writer.local("taken"), writer.signal("in")];
    let at = 0;
    const wires = ["state", "square", "fourth", "fifth"].map((signal) => writer.signal(signal));
    return [
      `var ${taken}[${inputs.length}];`,
      ...inputs.flatMap((input, index) => {
        const wire = `${name}[${at}]`;
        if (direct[index] === true) return [...writer.assign("sum", input), `${taken}[${index}] = sum;`];
        at++;
        return [...writer.assign("sum", input), `${wire} <== sum;`, `${taken}[${index}] = ${wire};`];
      }),
      `(${[writer.signal("out"), ...wires].join(", ")}) <== Poseidon(${[width, poseidonSchedule(width).partialRounds, capacity, ...constantNames(width).map((constant) => `${constant}()`)].join(", ")})(${taken});`,
    ];
  },
};

/** Names of the Circom functions that give the constants of a width, in the order of the template's parameters. */
function constantNames(width: number): string[] {
  return ["Full", "Partial", "Matrix", "Rows", "Columns", "Last"].map((name) => `poseidon${width}${name}`);
}

/** Circom functions of a width's constants: arithmetic on them stays out of the templates. */
export function constantFunctions(width: number): string[] {
  const { full, partial, matrix, rows, columns, last } = poseidonSchedule(width);
  const values = [full, partial, matrix, rows, columns, last];
  return constantNames(width).map((name, index) => `function ${name}() { return ${literal(values[index] ?? [])}; }`);
}

function literal(values: readonly bigint[] | readonly (readonly bigint[])[]): string {
  return `[${values.map((value) => (typeof value === "bigint" ? String(value) : literal(value))).join(", ")}]`;
}

/** What the S-box makes of the first element of the first state. */
function firstBox({ inputs, capacity }: PoseidonGadget): bigint {
  const first = (capacity + (poseidonSchedule(inputs.length + 1).full[0]?.[0] ?? 0n)) % FIELD_ORDER;
  return (first * first * first * first * first) % FIELD_ORDER;
}

function sizesOf({ inputs, direct }: PoseidonGadget) {
  const width = inputs.length + 1;
  const { partialRounds } = poseidonParameters(width);
  const fifths = FULL_ROUNDS * width - 1;
  return {
    ins: direct.filter((is) => !is).length,
    states: (FULL_ROUNDS - 1) * width + partialRounds,
    boxes: fifths + partialRounds,
    fifths,
  };
}

/** The next wire of each signal. */
class WireCounter {
  in: number;
  state: number;
  square: number;
  fourth: number;
  fifth: number;

  constructor(gadget: PoseidonGadget) {
    const { ins, states, boxes } = sizesOf(gadget);
    this.in = gadget.first + 1;
    this.state = this.in + ins;
    this.square = this.state + states;
    this.fourth = this.square + boxes;
    this.fifth = this.fourth + boxes;
  }
}

function constantSum(constant: bigint): WireSum {
  return { terms: [], constant };
}

/** Weighted sum plus a constant, coefficients reduced and each wire named once: they would grow with every round. */
function weigh(sums: readonly WireSum[], weights: readonly bigint[], constant: bigint): WireSum {
  const coefficients = new Map<number, bigint>();
  let total = constant;
  sums.forEach((sum, index) => {
    const weight = weights[index] ?? 0n;
    total += weight * sum.constant;
    for (const [wire, coefficient] of sum.terms)
      coefficients.set(wire, (coefficients.get(wire) ?? 0n) + weight * coefficient);
  });
  return {
    terms: [...coefficients].map(([wire, value]) => [wire, value % FIELD_ORDER]),
    constant: total % FIELD_ORDER,
  };
}
