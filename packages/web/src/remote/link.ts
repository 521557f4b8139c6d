// The worker as the page sees it: started, checked that it runs, and ended.
import { type Progress, SaywhyError } from '@saywhy/core';
import { wrap } from 'comlink';
import { absolute } from '../absolute.js';
import { ownWorker } from '../own-files.js';
import type { WebExplainerOptions } from '../types.js';
import { whatLiesAt } from './lies-at.js';
import type { Host, Told } from './protocol.js';

export class Link {
  readonly host: Host;
  readonly #worker: Worker;
  #failure: unknown;
  /** What the browser says of it. */
  #words = 'the browser cannot run it, and does not say why';
  /** Calls that wait for the worker. */
  readonly #waiting = new Set<(error: unknown) => void>();
  /** Who hears of the progress of a call. */
  readonly #listeners = new Map<number, (progress: Progress) => unknown>();

  private constructor(
    worker: Worker,
    private readonly address: string | undefined,
  ) {
    this.#worker = worker;
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(event.message);
    });
    worker.addEventListener('message', ({ data }: MessageEvent<Told | null>) => {
      this.#listeners.get(data?.call as number)?.(data!.progress);
    });
    this.host = wrap<Host>(worker) as unknown as Host;
  }

  /** @throws SaywhyError `worker-failed` with the address and the remedy */
  static async start(source: WebExplainerOptions['worker']): Promise<Link> {
    let link: Link;
    try {
      link =
        typeof source === 'function'
          ? new Link(source(), undefined)
          : Link.#at(source === undefined ? ownWorker() : new URL(absolute(source)));
    } catch (error) {
      throw new SaywhyError('worker-failed', `saywhy's worker cannot be started: ${messageOf(error)}.`, {
        cause: error,
      });
    }
    const forbidden = forbiddenBy();
    try {
      await link.answer(link.host.hello());
    } catch (error) {
      link.end(error);
      // What the page's policy forbids is told a little later.
      await new Promise((resolve) => setTimeout(resolve));
      throw link.address === undefined ? error : await explained(link.address, link.#words, forbidden.directive, error);
    } finally {
      forbidden.stop();
    }
    return link;
  }

  static #at(address: URL): Link {
    return new Link(new Worker(address, { type: 'module', name: 'saywhy' }), address.href);
  }

  /**
   * What the worker answers; rejects where the worker fails instead.
   * @param onProgress hears what it tells of the call until then; what that throws is the answer
   */
  answer<T>(promise: Promise<T>, onProgress?: (progress: Progress) => unknown, call = 0): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#listeners.set(call, (progress) => {
        try {
          onProgress?.(progress);
        } catch (error) {
          this.#listeners.delete(call);
          reject(error);
        }
      });
      promise.then(resolve, reject).finally(() => {
        this.#waiting.delete(reject);
        this.#listeners.delete(call);
      });
    });
  }

  /** Ends the worker, which frees all that it held. Whoever still waits gets the reason. */
  end(reason: unknown): void {
    this.#failure ??= reason;
    this.#worker.terminate();
    for (const reject of this.#waiting) reject(this.#failure);
  }

  #fail(message: string | undefined): void {
    if (message) this.#words = message.replace(/^Uncaught /, '').replace(/\.$/, '');
    const failure = `saywhy's worker failed: ${this.#words}. Make another explainer to go on.`;
    this.end(new SaywhyError('worker-failed', failure));
  }
}

/** Which directive of the page's policy something was against meanwhile. */
function forbiddenBy() {
  const found = {
    directive: undefined as string | undefined,
    stop: () => globalThis.removeEventListener('securitypolicyviolation', listen),
  };
  const listen = ({ effectiveDirective }: SecurityPolicyViolationEvent) => {
    found.directive = effectiveDirective;
  };
  globalThis.addEventListener('securitypolicyviolation', listen);
  return found;
}

/** The browser says nothing about why a worker does not start. */
async function explained(
  address: string,
  words: string,
  directive: string | undefined,
  cause: unknown,
): Promise<SaywhyError> {
  if (directive !== undefined)
    return new SaywhyError(
      'worker-failed',
      `saywhy's worker ${address} cannot be started: the page's Content-Security-Policy forbids it. Add 'self', or its origin, to ${directive}.`,
      { cause },
    );
  const reason = (await whatLiesAt(address, 'JavaScript')) ?? words;
  return new SaywhyError(
    'worker-failed',
    `saywhy's worker ${address} cannot be started: ${reason}. Serve \`worker.js\` of @saywhy/web there, from the page's own origin, or give its address as the option \`worker\`.`,
    { cause },
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
