import { operators, type Tensor } from './record.js';
import { broadcast, same } from './shapes.js';

const comparison = { shape: broadcast, type: () => 'bool' as const, grad: 'none' as const };

/** Comparisons, logic, rounding: functions of values that have no derivative. */
export const logic = operators({
  Equal: comparison,
  Greater: comparison,
  Less: comparison,
  And: comparison,
  Or: comparison,
  Not: { shape: same, grad: 'none' },
  NonZero: { type: () => 'int64', shape: ({ X }: { X: Tensor }) => [X.shape?.length ?? '?', '?'], grad: 'none' },
});
