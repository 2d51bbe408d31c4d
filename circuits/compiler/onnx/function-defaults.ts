import onnxProto, { type onnx } from "onnx-proto";

/** Field numbers of `onnx.proto`, and the wire types of protocol buffers. */
const MODEL_FUNCTIONS = 25;
const FUNCTION_ATTRIBUTE_PROTO = 11;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Default values of the attributes of each model-local function, in the order of the file. IR version 9 added them, and
 * the decoder, which knows IR version 8, skips them: a call that relies on one would silently get the operator's default.
 */
export function readFunctionDefaults(
  model: Uint8Array,
  { functions }: onnx.IModelProto,
): readonly (readonly onnx.IAttributeProto[])[] {
  if ((functions?.length ?? 0) === 0) return [];
  return messagesIn(model, MODEL_FUNCTIONS).map((body) =>
    messagesIn(body, FUNCTION_ATTRIBUTE_PROTO).map((bytes) => onnxProto.onnx.AttributeProto.decode(bytes)),
  );
}

/** The messages in one field of an encoded message that has been decoded before, so that its framing is known to hold. */
function messagesIn(bytes: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; offset < bytes.length; scale *= 128) {
      const byte = bytes[offset++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (offset < bytes.length) {
    const key = varint();
    const kind = key % 8;
    if (kind === VARINT) varint();
    else if (kind === FIXED64) offset += 8;
    else if (kind === FIXED32) offset += 4;
    else if (kind === BYTES) {
      const length = varint();
      if (Math.floor(key / 8) === field) found.push(bytes.subarray(offset, offset + length));
      offset += length;
    } else return found;
  }
  return found;
}
