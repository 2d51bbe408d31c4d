import type { NodeView } from "../../build/node-view.ts";
import { forEachIndex, sizeOf, stridesOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

/** How a kernel moves over one spatial axis. */
export interface AxisWindows {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** Number of places of the kernel. */
  readonly count: number;
}

/** An attribute with one number for each axis (or two: `per`), or the fallback for all of them. */
export function axisNumbers(view: NodeView, name: string, length: number, fallback: number): readonly number[] {
  const values = view.integersAttribute(name);
  if (values === undefined || values.length === 0) return new Array<number>(length).fill(fallback);
  if (values.length !== length)
    throw new NodeProblem("SHAPE_MISMATCH", `${name} must have ${length} numbers, it has ${values.length}`);
  return values;
}

type Kind = "convolution" | "pool";

/** The geometry of Conv and of pools from `strides`, `pads`, `dilations`, `auto_pad` and `ceil_mode`. */
export function axisWindows(
  view: NodeView,
  sizes: readonly number[],
  kernel: readonly number[],
  kind: Kind,
): AxisWindows[] {
  const strides = axisNumbers(view, "strides", sizes.length, 1);
  const dilations = axisNumbers(view, "dilations", sizes.length, 1);
  const pads = axisNumbers(view, "pads", 2 * sizes.length, 0);
  if ([...kernel, ...strides, ...dilations].some((value) => value < 1) || pads.some((value) => value < 0))
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "kernel sizes, strides and dilations start at 1, pads at 0");
  return sizes.map((size, axis) => {
    const one = { size, kernel: kernel[axis] ?? 1, stride: strides[axis] ?? 1, dilation: dilations[axis] ?? 1 };
    return place(view, one, [pads[axis] ?? 0, pads[axis + sizes.length] ?? 0], kind);
  });
}

type Unplaced = Pick<AxisWindows, "size" | "kernel" | "stride" | "dilation">;

function place(view: NodeView, axis: Unplaced, given: readonly [number, number], kind: Kind): AxisWindows {
  const { size, kernel, stride, dilation } = axis;
  const reach = (kernel - 1) * dilation + 1;
  const auto = view.text("auto_pad", "NOTSET");
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const count = Math.ceil(size / stride);
    const needed = (count - 1) * stride + reach - size;
    // Where nothing is missing, ONNX Runtime's pools cut off on both sides what is too much, unlike its convolutions.
    const padding = kind === "pool" ? needed : Math.max(0, needed);
    const before = Math.trunc((auto === "SAME_UPPER" ? padding : padding + 1) / 2);
    return { ...axis, count, before, after: padding - before };
  }
  const [before, after] = auto === "VALID" ? [0, 0] : given;
  const steps = (size + before + after - reach) / stride;
  let count = (view.flag("ceil_mode") ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // A window that would start in the padding behind the last element is left out.
  if (view.flag("ceil_mode") && (count - 1) * stride >= size + before) count--;
  if (count < 1)
    throw new NodeProblem("SHAPE_MISMATCH", `a kernel that reaches over ${reach} does not fit into ${size} elements`);
  return { ...axis, count, before, after };
}

/** What one place of a kernel covers: elements of one channel, and which weight of the kernel lies on each. */
export interface Taps {
  readonly elements: Int32Array;
  readonly weights: Int32Array;
}

/** For each place of the kernel, in row-major order, what it covers of a channel; padding is left out. */
export function tapsOf(axes: readonly AxisWindows[]): Taps[] {
  return tapsBy(
    axes.map(({ size }) => size),
    axes.map(({ kernel }) => kernel),
    axes.map(({ count, stride, dilation, before, kernel, size }) =>
      Array.from({ length: count }, (_, at) =>
        Array.from({ length: kernel }, (_, weight) => ({
          weight,
          element: at * stride - before + weight * dilation,
        })).filter(({ element }) => element >= 0 && element < size),
      ),
    ),
  );
}

interface Tap {
  readonly weight: number;
  readonly element: number;
}

/** All combinations of what each axis covers; `along[axis][place]`. */
export function tapsBy(
  sizes: readonly number[],
  kernel: readonly number[],
  along: readonly (readonly (readonly Tap[])[])[],
): Taps[] {
  const [elementStrides, weightStrides] = [stridesOf(sizes), stridesOf(kernel)];
  const places: Taps[] = [];
  forEachIndex(
    along.map((of) => of.length),
    (at) => {
      const covered = along.map((of, axis) => of[at[axis] ?? 0] ?? []);
      const counts = covered.map((taps) => taps.length);
      const [elements, weights] = [new Int32Array(sizeOf(counts)), new Int32Array(sizeOf(counts))];
      forEachIndex(counts, (tap, flat) => {
        covered.forEach((taps, axis) => {
          const { element = 0, weight = 0 } = taps[tap[axis] ?? 0] ?? {};
          elements[flat] = (elements[flat] ?? 0) + element * (elementStrides[axis] ?? 0);
          weights[flat] = (weights[flat] ?? 0) + weight * (weightStrides[axis] ?? 0);
        });
      });
      places.push({ elements, weights });
    },
  );
  return places;
}
