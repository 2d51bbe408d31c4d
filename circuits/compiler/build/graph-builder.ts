import { NodeProblem } from "../compile-error.ts";
import type {
  Curve,
  FloatLayer,
  Groups,
  Origin,
  QuantizeLayer,
  SoftmaxLayer,
  TreesLayer,
  ValueId,
  WholeLayer,
} from "../graph/layer.ts";
import { type AddEntry, buildMatrix } from "../graph/matrix.ts";
import { computeLayer } from "../layers/table.ts";
import { assertFinite } from "../onnx/finite.ts";
import { knownTensor, sizeOf, type Tensor, type TensorType } from "./tensor.ts";

/** Decision trees, whatever they are about. */
export type Forest = Pick<TreesLayer, "tests" | "nodes" | "roots" | "matrix" | "bias">;

/** A layer on one input, once it has a value id. */
type Unary = (inputs: readonly [ValueId]) => FloatLayer;

/**
 * Records the float graph of a model, node by node. Whatever is computed from known tensors alone is known at once, so
 * that shapes, weights and indices may pass through any operator. Every method returns a new tensor.
 */
export class GraphBuilder {
  readonly layers: FloatLayer[] = [];
  readonly origins: Origin[] = [];
  readonly #inputs: number;
  #node = { name: "", op: "" };

  constructor(inputs: number) {
    this.#inputs = inputs;
  }

  /** Layers recorded from now on come from this node. */
  enter(node: { readonly name: string; readonly op: string }): void {
    this.#node = node;
  }

  /**
   * Element r of the result is the sum that `fill` adds up, plus `bias[r]`: columns count the elements of the parts laid
   * end to end. Known parts go into the bias.
   */
  linear(
    parts: readonly Tensor[],
    shape: readonly number[],
    fill: (row: number, add: AddEntry) => void,
    options: { readonly bias?: Float64Array; readonly type?: TensorType } = {},
  ): Tensor {
    const rows = sizeOf(shape);
    const type = options.type ?? "real";
    const bias = options.bias?.slice() ?? new Float64Array(rows);
    if (rows === 0) return knownTensor(shape, [], type);
    const owners = ownersOf(parts);
    const matrix = buildMatrix(rows, owners.columns, (row, add) => {
      fill(row, (column, weight) => {
        const target = owners.columnOf(column);
        if (target !== undefined) add(target, weight);
        else if (weight !== 0) bias[row] = (bias[row] ?? 0) + weight * owners.knownAt(column);
      });
    });
    if (owners.inputs.length === 0) return knownTensor(shape, bias, type);
    assertFinite({ values: matrix.weight }, "its weights");
    assertFinite({ values: bias }, "what it adds");
    return this.#record({ kind: "linear", inputs: owners.inputs, matrix, bias }, shape, type);
  }

  /**
   * Element i of the result is element `from[i]` of the parts laid end to end; -1 stands for `fill`. Covers every
   * operator that only moves elements.
   */
  take(parts: readonly Tensor[], shape: readonly number[], from: ArrayLike<number>, fill = 0): Tensor {
    const type = parts[0]?.type ?? "real";
    const bias = Float64Array.from(from, (at) => (at < 0 ? fill : 0));
    const [only] = parts;
    const moved =
      parts.length === 1 && only?.known === undefined && only !== undefined && isIdentity(from, sizeOf(only.shape))
        ? only
        : this.linear(
            parts,
            shape,
            (row, add) => {
              const at = from[row] ?? -1;
              if (at >= 0) add(at, 1);
            },
            { bias, type },
          );
    const width = parts[0]?.width;
    return Object.freeze({ ...moved, shape: Object.freeze([...shape]), ...(width !== undefined && { width }) });
  }

  /** Element i is `left[i]` of one times `right[i]` of the other. */
  product(
    one: Tensor,
    other: Tensor,
    shape: readonly number[],
    left: ArrayLike<number>,
    right: ArrayLike<number>,
    type: TensorType = "real",
  ): Tensor {
    if (one.known !== undefined) return this.#scaled(other, right, one.known, left, shape, type);
    if (other.known !== undefined) return this.#scaled(one, left, other.known, right, shape, type);
    const inputs = [this.#idOf(one), this.#idOf(other)] as const;
    return this.#record(
      { kind: "product", inputs, left: Int32Array.from(left), right: Int32Array.from(right) },
      shape,
      type,
    );
  }

  /** Element i is floor(`left[i]` of one / `right[i]` of the other); a divisor that is not above 0 counts as 1. */
  quotient(
    one: Tensor,
    other: Tensor,
    shape: readonly number[],
    left: ArrayLike<number>,
    right: ArrayLike<number>,
  ): Tensor {
    return this.#pairs("quotient", one, other, shape, Int32Array.from(left), Int32Array.from(right));
  }

  /** Of integers: element i is `left[i]` of one and `right[i]` of the other, bit by bit in two's complement. */
  bitAnd(
    one: Tensor,
    other: Tensor,
    shape: readonly number[],
    left: ArrayLike<number>,
    right: ArrayLike<number>,
  ): Tensor {
    if (one.known !== undefined && other.known === undefined) return this.bitAnd(other, one, shape, right, left);
    if (other.known === undefined || one.known !== undefined)
      return this.#pairs("bitand", one, other, shape, Int32Array.from(left), Int32Array.from(right));
    const masks = Array.from(right, (at) => other.known?.[at] ?? 0);
    const spread = this.take([one], shape, left);
    return this.#elementwise(spread, (inputs) => ({ kind: "mask", inputs, size: masks.length, masks }), "int");
  }

  relu(tensor: Tensor): Tensor {
    return this.#elementwise(tensor, (inputs) => ({ kind: "relu", inputs, size: sizeOf(tensor.shape), shift: 0 }));
  }

  clip(tensor: Tensor, min: number | null, max: number | null): Tensor {
    return this.#elementwise(tensor, (inputs) => ({
      kind: "clip",
      inputs,
      size: sizeOf(tensor.shape),
      shift: 0,
      min,
      max,
    }));
  }

  /** 1 for what is not negative, else 0, of type "bool". */
  step(tensor: Tensor): Tensor {
    return this.#elementwise(tensor, (inputs) => ({ kind: "step", inputs, size: sizeOf(tensor.shape) }), "bool");
  }

  curve(tensor: Tensor, curve: Curve): Tensor {
    return this.#elementwise(tensor, (inputs) => ({ kind: "curve", inputs, size: sizeOf(tensor.shape), curve }));
  }

  /** The quotient by a positive divisor as an integer of the tensor's type. Exact where the operands are integers. */
  whole(tensor: Tensor, mode: WholeLayer["mode"], divisor = 1): Tensor {
    if (tensor.type !== "real" && divisor === 1) return tensor;
    const size = sizeOf(tensor.shape);
    return this.#elementwise(tensor, (inputs) => ({ kind: "whole", inputs, size, mode, divisor }), tensor.type);
  }

  /** Integers of type "int"; `scale` and `zero` hold one number for each element. */
  quantize(tensor: Tensor, { scale, zero, min, max }: Pick<QuantizeLayer, "scale" | "zero" | "min" | "max">): Tensor {
    const size = sizeOf(tensor.shape);
    return this.#elementwise(tensor, (inputs) => ({ kind: "quantize", inputs, size, scale, zero, min, max }), "int");
  }

  softmax(tensor: Tensor, groups: Groups, log: SoftmaxLayer["log"]): Tensor {
    return this.#elementwise(tensor, (inputs) => ({ kind: "softmax", inputs, ...groups, log }));
  }

  /** The largest along the middle dimension. */
  max(tensor: Tensor, groups: Groups, shape: readonly number[]): Tensor {
    return this.#unary(tensor, (inputs) => ({ kind: "max", inputs, ...groups }), shape, tensor.type);
  }

  /** Position of the first largest along the middle dimension. */
  argmax(tensor: Tensor, groups: Groups, shape: readonly number[]): Tensor {
    return this.#unary(tensor, (inputs) => ({ kind: "argmax", inputs, ...groups, gives: "index" }), shape, "int");
  }

  /** 1 at the first largest along the middle dimension, 0 elsewhere; the tensor's own shape. */
  winners(tensor: Tensor, groups: Groups): Tensor {
    return this.#unary(
      tensor,
      (inputs) => ({ kind: "argmax", inputs, ...groups, gives: "onehot" }),
      tensor.shape,
      "int",
    );
  }

  /** The outputs of decision trees over all elements of a tensor. */
  trees(tensor: Tensor, forest: Forest, shape: readonly number[]): Tensor {
    return this.#unary(
      tensor,
      (inputs) => ({ kind: "trees", inputs, size: sizeOf(tensor.shape), ...forest }),
      shape,
      "real",
    );
  }

  /**
   * For each place of the outer and inner dimensions and each of `count` ranks, 1 at the element of that rank along the
   * middle dimension, 0 elsewhere.
   */
  ranking(tensor: Tensor, groups: Groups, count: number): Tensor {
    const shape = [groups.outer * groups.inner, count, groups.classes];
    return this.#unary(tensor, (inputs) => ({ kind: "ranking", inputs, ...groups, count }), shape, "int");
  }

  /** For each element, an integer in [0, count), `count` elements along a new last axis. */
  oneHot(tensor: Tensor, count: number): Tensor {
    const size = sizeOf(tensor.shape);
    return this.#unary(tensor, (inputs) => ({ kind: "onehot", inputs, size, count }), [...tensor.shape, count], "int");
  }

  #pairs(
    kind: "quotient" | "bitand",
    one: Tensor,
    other: Tensor,
    shape: readonly number[],
    left: Int32Array,
    right: Int32Array,
  ): Tensor {
    if (left.length === 0) return knownTensor(shape, [], "int");
    if (one.known !== undefined && other.known !== undefined)
      return knownTensor(shape, computeLayer({ kind, inputs: [0, 0], left, right }, [one.known, other.known]), "int");
    const inputs = [this.#idOf(this.#computed(one, other)), this.#idOf(this.#computed(other, one))] as const;
    return this.#record({ kind, inputs, left, right }, shape, "int");
  }

  /** A known tensor as a value: a layer on another one without weights. */
  #computed(tensor: Tensor, beside: Tensor): Tensor {
    if (tensor.known === undefined) return tensor;
    const size = sizeOf(tensor.shape);
    const value = beside.value ?? 0;
    const none = buildMatrix(size, sizeOf(beside.shape), () => undefined);
    return this.#record(
      { kind: "linear", inputs: [value], matrix: none, bias: tensor.known },
      tensor.shape,
      tensor.type,
    );
  }

  #scaled(
    tensor: Tensor,
    from: ArrayLike<number>,
    factors: Float64Array,
    at: ArrayLike<number>,
    shape: readonly number[],
    type: TensorType,
  ): Tensor {
    return this.linear([tensor], shape, (row, add) => add(from[row] ?? 0, factors[at[row] ?? 0] ?? 0), { type });
  }

  #elementwise(tensor: Tensor, layer: Unary, type: TensorType = "real"): Tensor {
    return this.#unary(tensor, layer, tensor.shape, type);
  }

  #unary(tensor: Tensor, layer: Unary, shape: readonly number[], type: TensorType): Tensor {
    if (sizeOf(shape) === 0) return knownTensor(shape, [], type);
    if (tensor.known !== undefined) return knownTensor(shape, computeLayer(layer([0]), [tensor.known]), type);
    return this.#record(layer([this.#idOf(tensor)]), shape, type);
  }

  #record(layer: FloatLayer, shape: readonly number[], type: TensorType): Tensor {
    const { name, op } = this.#node;
    this.layers.push(Object.freeze(layer));
    this.origins.push(Object.freeze({ nodes: [name], ops: [op], shape: Object.freeze([...shape]) }));
    return Object.freeze({ shape: Object.freeze([...shape]), type, value: this.#inputs + this.layers.length - 1 });
  }

  #idOf(tensor: Tensor): ValueId {
    if (tensor.value === undefined)
      throw new NodeProblem("OPERAND_UNSUPPORTED", "a text operand cannot be computed with");
    return tensor.value;
  }
}

function isIdentity(from: ArrayLike<number>, size: number): boolean {
  if (from.length !== size) return false;
  for (let at = 0; at < size; at++) if (from[at] !== at) return false;
  return true;
}

interface Owners {
  readonly inputs: readonly ValueId[];
  readonly columns: number;
  /** Where the inputs hold an element; undefined if it is known. */
  columnOf(element: number): number | undefined;
  knownAt(element: number): number;
}

/** Where the elements of parts laid end to end are: columns of the values among them, or known numbers. */
function ownersOf(parts: readonly Tensor[]): Owners {
  const starts: number[] = [];
  const placed: (number | undefined)[] = [];
  const inputs: ValueId[] = [];
  const offsets = new Map<ValueId, number>();
  let [start, columns] = [0, 0];
  for (const part of parts) {
    starts.push(start);
    start += sizeOf(part.shape);
    if (part.value === undefined) {
      placed.push(undefined);
      continue;
    }
    if (!offsets.has(part.value)) {
      offsets.set(part.value, columns);
      inputs.push(part.value);
      columns += sizeOf(part.shape);
    }
    placed.push(offsets.get(part.value));
  }
  starts.push(start);
  let part = 0;
  /** Mostly the part that was asked for last. */
  const find = (element: number): number => {
    if (element < (starts[part] ?? 0) || element >= (starts[part + 1] ?? 0))
      part = starts.findLastIndex((from, at) => from <= element && at < parts.length);
    return part;
  };
  return {
    inputs,
    columns,
    columnOf(element) {
      const offset = placed[find(element)];
      return offset === undefined ? undefined : offset + element - (starts[part] ?? 0);
    },
    knownAt: (element) => parts[find(element)]?.known?.[element - (starts[part] ?? 0)] ?? 0,
  };
}
