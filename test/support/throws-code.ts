import { SaywhyError } from '@saywhy/autodiff';
import { expect } from 'chai';

/** Expects a SaywhyError with a code, and gives it for a look at its message. */
export function throwsCode(run: () => unknown, code: string): SaywhyError {
  try {
    run();
  } catch (error) {
    if (!(error instanceof SaywhyError)) throw error;
    expect(error.code, error.message).to.equal(code);
    return error;
  }
  return expect.fail(`did not throw ${code}`);
}
