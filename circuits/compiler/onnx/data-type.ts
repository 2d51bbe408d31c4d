/** Element types of graph inputs that can become integers. */
export type ElementType =
  | "float"
  | "double"
  | "float16"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "bool";

/** Types of constants: some exist only there. */
export type DataType = ElementType | "bfloat16" | "uint4" | "int4" | "string";

/** Values of `TensorProto.DataType` as the ONNX standard numbers them. */
const NAMES: ReadonlyMap<number, DataType> = new Map<number, DataType>([
  [1, "float"],
  [2, "uint8"],
  [3, "int8"],
  [4, "uint16"],
  [5, "int16"],
  [6, "int32"],
  [7, "int64"],
  [8, "string"],
  [9, "bool"],
  [10, "float16"],
  [11, "double"],
  [12, "uint32"],
  [13, "uint64"],
  [16, "bfloat16"],
  [21, "uint4"],
  [22, "int4"],
]);

const NOT_INPUTS: readonly DataType[] = ["bfloat16", "uint4", "int4", "string"];
const REAL: readonly DataType[] = ["float", "double", "float16", "bfloat16"];

export const ELEMENT_TYPES: readonly ElementType[] = [...NAMES.values()].filter(isElementType);

/** Also serves attributes that hold a type, such as `to` of Cast. Undefined: complex numbers, 8-bit floats, no type. */
export function dataTypeNamed(code: number): DataType | undefined {
  return NAMES.get(code);
}

export function isElementType(type: DataType): type is ElementType {
  return !NOT_INPUTS.includes(type);
}

/** Whether every value of the type is an integer, booleans included. */
export function isWholeType(type: DataType): boolean {
  return type !== "string" && !REAL.includes(type);
}
