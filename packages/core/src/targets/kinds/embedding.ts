import { SaywhyError } from '../../errors.js';
import type { KindReader } from './reader.js';

/** Vectors have no classes: what they mean is which others they are near. */
export const embedding: KindReader = {
  classes: none,
  predictions: () => [],
  top: none,
  classTerm: none,
};

function none(): never {
  throw new SaywhyError(
    'target-kind',
    'An embedding has no classes. Explain how near it is to another: { similarTo: a picture or a vector }.',
  );
}
