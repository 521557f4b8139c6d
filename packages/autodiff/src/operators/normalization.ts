import { operators } from './record.js';
import { same } from './shapes.js';

export const normalization = operators({
  BatchNormalization: { shape: same },
});
