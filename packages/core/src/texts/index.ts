// Texts in other ways than an explainer reads them: a tokenizer's description checked and used by itself.
export { parseTokenizer } from './parse.js';
export { wordTokenizer } from './words.js';
