// Every operator the engine knows. Tests, docs and errors are driven by these records.

import { attention } from './attention/attention.js';
import { fusedAttention } from './attention/fused-attention.js';
import { control } from './control.js';
import { activations } from './elementwise/activations.js';
import { arithmetic } from './elementwise/arithmetic.js';
import { logic } from './elementwise/logic.js';
import { trigonometry } from './elementwise/trigonometry.js';
import { fused } from './fused.js';
import { determinant } from './matrices/determinant.js';
import { einsum } from './matrices/einsum.js';
import { fourier } from './matrices/fourier.js';
import { matrices } from './matrices/matrices.js';
import { fusedNormalization } from './normalization/fused-normalization.js';
import { normalization } from './normalization/normalization.js';
import { quantization } from './quantization.js';
import type { AnyOperator } from './record.js';
import { recurrentLayers } from './recurrent/recurrent.js';
import { cumulative } from './reductions/cumulative.js';
import { losses } from './reductions/losses.js';
import { reductions } from './reductions/reductions.js';
import { softmax } from './reductions/softmax.js';
import { deformable } from './sampling/deformable.js';
import { grid } from './sampling/grid.js';
import { regions } from './sampling/regions.js';
import { resize } from './sampling/resize.js';
import { sequences } from './sequences.js';
import { blocks } from './tensors/blocks.js';
import { constants } from './tensors/constants.js';
import { indexing } from './tensors/indexing.js';
import { padding } from './tensors/padding.js';
import { scatter } from './tensors/scatter.js';
import { slicing } from './tensors/slicing.js';
import { structure } from './tensors/structure.js';
import { text } from './text.js';
import { columns } from './windows/columns.js';
import { convolution } from './windows/convolution.js';
import { pooling } from './windows/pooling.js';

/** The records, by the file that holds them. */
export const families = {
  arithmetic,
  trigonometry,
  activations,
  logic,
  constants,
  structure,
  blocks,
  slicing,
  padding,
  indexing,
  scatter,
  resize,
  grid,
  regions,
  deformable,
  reductions,
  cumulative,
  matrices,
  einsum,
  determinant,
  fourier,
  convolution,
  columns,
  pooling,
  normalization,
  softmax,
  losses,
  quantization,
  text,
  fused,
  fusedNormalization,
  attention,
  recurrentLayers,
  control,
  sequences,
  fusedAttention,
};

/** The records by operator. */
export const registry: ReadonlyMap<string, AnyOperator> = new Map(
  Object.values(families).flatMap((family) =>
    Object.entries(family as unknown as Readonly<Record<string, AnyOperator>>),
  ),
);

export function operatorOf(opType: string): AnyOperator | undefined {
  return registry.get(opType);
}
