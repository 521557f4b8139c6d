import type { Page as PlaywrightPage } from 'playwright-core';

export type Engine = 'chromium' | 'firefox' | 'webkit';

export interface LaunchOptions {
  /** WebGPU on SwiftShader, in Chromium only: a run takes more than a second, whatever the model. Default false. */
  readonly webgpu?: boolean;
}

export interface OpenOptions {
  /** Size of the page in CSS pixels. Default 1280 x 800. */
  readonly width?: number;
  readonly height?: number;
}

export interface Browser<P extends Page = Page> {
  readonly engine: Engine;
  /** Hosts other than this machine that pages asked for; nothing was answered. What browsers ask for themselves is left out. */
  readonly outside: readonly string[];
  /** Opens a page and waits until it is loaded. */
  open(url: string, options?: OpenOptions): Promise<P>;
  close(): Promise<void>;
}

export interface Page {
  /** What the page wrote to its console, as "level: text", from its start. In WebKit: pages of {@link serve} only. */
  console(): Promise<readonly string[]>;
  /** Console errors, uncaught exceptions and what the security policy blocked. In WebKit: pages of {@link serve} only. */
  errors(): Promise<readonly string[]>;
  /**
   * Runs a function in the page: it sees the page's globals and its arguments, nothing else of the test. Arguments and
   * result cross as JSON (a typed array is best returned as `Array.from(...)`). What it throws is a {@link PageError}.
   */
  evaluate<A extends readonly unknown[], R>(f: (...args: A) => R | Promise<R>, ...args: A): Promise<R>;
  /** Writes a PNG of what is seen. */
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface ChromiumPage extends Page {
  /** To drive the page as a person: mouse, keyboard, files, dialogs, offline, colour scheme. */
  readonly raw: PlaywrightPage;
}
