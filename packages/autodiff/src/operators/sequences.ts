// Sequences and optionals. Where it is known which tensors they hold they are written out before the walk (inline/sequences.ts): what is left is refused.
import { operators } from './record.js';

const sequence = {
  shape: () => undefined,
  type: () => 'other' as const,
  refused: 'which tensors its sequence holds is settled at run time; export the model without sequences',
};

export const sequences = operators({
  SequenceConstruct: sequence,
  SequenceEmpty: { shape: () => undefined, type: () => 'other', grad: 'none' },
  SequenceInsert: sequence,
  SequenceErase: sequence,
  SequenceAt: sequence,
  SequenceMap: sequence,
  SplitToSequence: sequence,
  ConcatFromSequence: sequence,
  SequenceLength: { shape: () => [], type: () => 'int64', grad: 'none' },
  Optional: sequence,
  OptionalGetElement: sequence,
  OptionalHasElement: { shape: () => [], type: () => 'bool', grad: 'none' },
});
