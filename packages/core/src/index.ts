export { SaywhyError } from './errors.js';
export * from './images/index.js';
export type { Floats, Method, MethodContext, Need } from './methods/method.js';
export type * from './types.js';
