// How results and errors cross between the page and the worker: comlink alone would keep an error's message and lose its code and cause.
import { SaywhyError } from '@saywhy/core';

export type Wire<T> = { readonly value: T } | { readonly error: WireError };

export type WireError =
  | {
      readonly name: string;
      readonly message: string;
      readonly code?: string;
      readonly stack?: string;
      readonly cause?: WireError;
      /** Thrown by the caller's own function: which of the errors that the caller's side keeps. */
      readonly kept?: number;
    }
  | { readonly thrown: unknown; readonly kept?: number };

/** Causes of causes that are told: one may be its own. */
const DEEPEST = 8;

const builtIn: Readonly<Record<string, new (message: string, options?: ErrorOptions) => Error>> = {
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
};

/** What is known of an error that came from the other side: its number there. */
const kept = new WeakMap<object, number>();

export function writeError(error: unknown, depth = 0): WireError {
  if (!(error instanceof Error)) return { thrown: isPlain(error) ? error : String(error) };
  const number = kept.get(error);
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof SaywhyError && { code: error.code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && depth < DEEPEST && { cause: writeError(error.cause, depth + 1) }),
    ...(number !== undefined && { kept: number }),
  };
}

/** @param own errors of this side that `kept` speaks of: they come back as the very objects */
export function readError(wire: WireError, own: readonly unknown[] = []): unknown {
  if (wire.kept !== undefined && wire.kept in own) return own[wire.kept];
  if ('thrown' in wire) {
    if (wire.kept === undefined) return wire.thrown;
    // On its way back: what is no object could not be known again.
    const stand = new Error(String(wire.thrown));
    kept.set(stand, wire.kept);
    return stand;
  }
  const options = wire.cause === undefined ? {} : { cause: readError(wire.cause, own) };
  const error =
    wire.code === undefined
      ? Object.assign(new (builtIn[wire.name] ?? Error)(wire.message, options), { name: wire.name })
      : new SaywhyError(wire.code, wire.message, options);
  if (wire.stack !== undefined) error.stack = wire.stack;
  if (wire.kept !== undefined) kept.set(error, wire.kept);
  return error;
}

/** Runs what may fail, for the other side. */
export async function wired<T>(run: () => T | Promise<T>): Promise<Wire<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error: writeError(error) };
  }
}

/** The value, or the error thrown. */
export function unwired<T>(wire: Wire<T>, own?: readonly unknown[]): T {
  if ('value' in wire) return wire.value;
  throw readError(wire.error, own);
}

const isPlain = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value);
