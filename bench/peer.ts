// A Python process that runs other libraries on demand, so that they can be timed in turn with this one.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(python: string) {
    const script = new URL('peers.py', import.meta.url).pathname;
    this.#child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** `load <model>`, or the name of what shall run once; resolves when it has. */
  async ask(command: string): Promise<void> {
    this.#child.stdin!.write(`${command}\n`);
    const { value, done } = await this.#lines.next();
    if (done || !value.startsWith('done')) throw new Error(`bench/peers.py failed at "${command}".`);
  }

  end(): void {
    this.#child.stdin!.end();
  }
}
