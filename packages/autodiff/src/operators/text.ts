// Operators on text, and on encoded pictures: nothing that has a derivative goes in.
import { operators, type Tensor } from './record.js';
import { broadcast, same } from './shapes.js';

/** With one axis more or less than the input, of sizes that the data tells. */
function withLastAxis({ X: { shape } }: { readonly X: Tensor }): readonly (number | string)[] | undefined {
  return shape && [...shape, '?'];
}

export const text = operators({
  StringConcat: { shape: broadcast, grad: 'none' },
  StringNormalizer: {
    shape: ({ X: { shape } }) => shape?.map((size, axis) => (axis === shape.length - 1 ? '?' : size)),
    grad: 'none',
  },
  StringSplit: {
    shape: (call) => [withLastAxis(call), call.X.shape],
    type: () => ['string', 'int64'],
    grad: 'none',
  },
  RegexFullMatch: { shape: same, type: () => 'bool', grad: 'none' },
  TfIdfVectorizer: {
    shape: ({ X: { shape } }) => shape && [...shape.slice(0, -1), '?'],
    type: () => 'float32',
    grad: 'none',
  },
  ImageDecoder: { shape: () => ['?', '?', '?'], type: () => 'uint8', grad: 'none' },
});
