// Every operator the engine knows. Tests, docs and errors are driven by these records.
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { attention } from './attention.js';
import { blocks } from './blocks.js';
import { columns } from './columns.js';
import { constants } from './constants.js';
import { control } from './control.js';
import { convolution } from './convolution.js';
import { cumulative } from './cumulative.js';
import { deformable } from './deformable.js';
import { determinant } from './determinant.js';
import { einsum } from './einsum.js';
import { fourier } from './fourier.js';
import { fused } from './fused.js';
import { fusedAttention } from './fused-attention.js';
import { fusedNormalization } from './fused-normalization.js';
import { grid } from './grid.js';
import { indexing } from './indexing.js';
import { logic } from './logic.js';
import { losses } from './losses.js';
import { matrices } from './matrices.js';
import { normalization } from './normalization.js';
import { padding } from './padding.js';
import { pooling } from './pooling.js';
import { quantization } from './quantization.js';
import type { AnyOperator } from './record.js';
import { recurrentLayers } from './recurrent.js';
import { reductions } from './reductions.js';
import { regions } from './regions.js';
import { resize } from './resize.js';
import { scatter } from './scatter.js';
import { sequences } from './sequences.js';
import { slicing } from './slicing.js';
import { softmax } from './softmax.js';
import { structure } from './structure.js';
import { text } from './text.js';
import { trigonometry } from './trigonometry.js';

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
