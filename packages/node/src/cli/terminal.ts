import type { Progress } from '@saywhy/core';

/** A place to write text to: `process.stdout`, `process.stderr`, or a test's. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Style = 'bold' | 'dim' | 'yellow' | 'red';

const codes: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, yellow: 33 };

/**
 * Results go to stdout, talk goes to stderr, so that `saywhy ... | jq` and `> file` get what they want. Colour and
 * progress are for terminals only, and NO_COLOR is heeded.
 */
export class Terminal {
  #shown = 0;

  constructor(
    readonly stdout: Stream,
    readonly stderr: Stream,
  ) {}

  /** A line of the result. */
  print(line = ''): void {
    this.#clear();
    this.stdout.write(`${line}\n`);
  }

  /** A line that is no result. */
  say(line: string): void {
    this.#clear();
    this.stderr.write(`${line}\n`);
  }

  warn(line: string): void {
    this.say(`${paint(this.stderr, 'yellow', 'warning:')} ${line}`);
  }

  fail(line: string): void {
    this.say(`${paint(this.stderr, 'red', 'error:')} ${line}`);
  }

  bold(text: string): string {
    return paint(this.stdout, 'bold', text);
  }

  dim(text: string): string {
    return paint(this.stdout, 'dim', text);
  }

  /** One line on stderr that the next one replaces; nothing where stderr is no terminal. */
  status(text: string): void {
    if (!this.stderr.isTTY) return;
    const line = text.slice(0, (this.stderr.columns ?? 80) - 1);
    this.stderr.write(`\r${line.padEnd(this.#shown)}`);
    this.#shown = line.length;
  }

  /** Shows what core reports while one waits. */
  progress(what: string): (progress: Progress) => void {
    return (progress) => this.status(`${what}: ${described(progress)}`);
  }

  #clear(): void {
    if (this.#shown === 0) return;
    this.stderr.write(`\r${' '.repeat(this.#shown)}\r`);
    this.#shown = 0;
  }

  /** Takes the status line away. */
  done(): void {
    this.#clear();
  }
}

function described(progress: Progress): string {
  const { stage, loaded, total } = progress;
  if (stage === 'download') return `downloading ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''}`;
  if (stage === 'prepare') return progress.what === 'differentiate' ? 'finding its gradients' : 'opening it';
  return `${progress.what} ${loaded} of ${total}`;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function paint(stream: Stream, style: Style, text: string): string {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY && !NO_COLOR && TERM !== 'dumb' ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

/** Lines of columns that are as wide as their widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  '));
}
