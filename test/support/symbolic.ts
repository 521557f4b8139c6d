// Files with sizes that are settled at run time.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorShapeProto_DimensionSchema } from 'onnx-buf';

/** Axes of the picture by the names of their sizes. */
const axes = ['batch', '', 'height', 'width'] as const;
export type SizeName = 'batch' | 'height' | 'width';

/** The file with some sizes of its input named instead of given, and nothing said of any other tensor's. */
export function withSymbols(bytes: Uint8Array, symbolic: readonly SizeName[], shape: readonly number[]): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  graph!.valueInfo = [];
  for (const { type } of graph!.output)
    if (type?.value.case === 'tensorType') delete (type.value.value as { shape?: unknown }).shape;
  const declared = graph!.input.find(({ name }) => name === 'input')!.type!.value;
  if (declared.case !== 'tensorType') throw new Error('The input is a tensor.');
  declared.value.shape!.dim = shape.map((size, axis) => {
    const value = symbolic.some((name) => name === axes[axis])
      ? { case: 'dimParam' as const, value: axes[axis]! }
      : { case: 'dimValue' as const, value: BigInt(size) };
    return create(TensorShapeProto_DimensionSchema, { value });
  });
  return toBinary(ModelProtoSchema, model);
}
