import { SaywhyError } from '@saywhy/core';

/** `code: message` of the error that something rejects with. */
export async function errorOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SaywhyError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'no error';
}
