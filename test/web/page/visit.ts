// Someone who uses the page: what they do, and what they get.
import { readFile } from 'node:fs/promises';
import { decodeNpy } from '@saywhy/node';
import type { Locator, Page as Tab } from 'playwright-core';
import type { ChromiumPage, Server } from '../../support/browsers/index.js';
import { PATIENCE, sharedChromium } from '../../support/page.js';

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  /** What the address says after its #. */
  readonly hash?: string;
}

/** What the page's JSON says, as far as tests ask. */
export interface SavedJson {
  readonly image: string;
  readonly model: string;
  readonly device: string;
  readonly method: string;
  readonly layer: string;
  readonly target: { readonly index?: number; readonly text: string; readonly value: number };
  readonly texts?: Readonly<Record<string, string>>;
  readonly caption?: { readonly text: string };
  readonly predictions: readonly { readonly index: number; readonly label?: string; readonly logit: number }[];
  readonly map: { readonly range: readonly [number, number]; readonly signed: boolean };
  readonly region: unknown;
  readonly files: { readonly overlay: string; readonly raw: string };
  readonly timings: { readonly preprocess: number; readonly forward: number; readonly backward: number };
  readonly warnings: readonly { readonly code: string }[];
  readonly provenance: { readonly model: { readonly sha256?: string }; readonly preprocess?: unknown };
}

export interface SavedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

export class Visit {
  readonly tab: Tab;

  private constructor(readonly page: ChromiumPage) {
    this.tab = page.raw;
    this.tab.setDefaultTimeout(PATIENCE);
  }

  /** Opens the page, and does not wait for its first answer. */
  static async start(server: Server, { hash = '', ...size }: VisitOptions = {}): Promise<Visit> {
    const browser = await sharedChromium();
    return new Visit(await browser.open(`${server.origin}/${hash && `#${hash}`}`, size));
  }

  /** Opens the page, with its first answer. */
  static async open(server: Server, options: VisitOptions = {}): Promise<Visit> {
    const visit = await Visit.start(server, options);
    await visit.map.waitFor();
    await visit.settled();
    return visit;
  }

  close(): Promise<void> {
    return this.page.close();
  }

  /** The map in question, over the picture. */
  get map(): Locator {
    return this.tab.locator('.viewer .stage').first().locator('canvas').first();
  }

  /** How opaque the map is, from 0 to 255, pixel by pixel: as opaque as it is strong. */
  async strengths(): Promise<number[]> {
    return this.map.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, i) => data[4 * i + 3]!);
    });
  }

  get headline(): Locator {
    return this.tab.getByRole('heading', { level: 1 });
  }

  /** One of the answers, as the button that asks about it. */
  bar(label: string): Locator {
    return this.tab
      .getByRole('list', { name: /^Answers of/ })
      .first()
      .getByRole('button', { name: new RegExp(`^(rather than )?${label}\\b`) });
  }

  button(name: string | RegExp): Locator {
    return this.tab.getByRole('button', { name });
  }

  /** Waits until what was set is on the screen: nothing is being loaded or asked any more. */
  async settled(): Promise<void> {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    // That something is waited for is drawn after a blink (src/paced.ts).
    await this.tab.waitForTimeout(60);
    await this.tab.evaluate(drawn);
    await this.tab.locator('.viewer :is(.layer-waiting, .waiting)').first().waitFor({ state: 'detached' });
    await this.tab.evaluate(drawn);
  }

  async asks(question: string): Promise<void> {
    await this.headline.filter({ hasText: question }).waitFor();
    await this.settled();
  }

  /** Follows a link to other settings, without opening the page anew. */
  async follow(hash: string): Promise<void> {
    await this.tab.evaluate(
      (to) =>
        new Promise((resolve) => {
          scrollTo(0, 0);
          addEventListener('hashchange', resolve, { once: true });
          location.hash = `#${to}`;
        }),
      hash,
    );
    await this.settled();
  }

  /** Everything as it is when the page opens, but for the model and the picture. */
  async reset(): Promise<void> {
    await this.tab.mouse.move(0, 0);
    await this.follow(String(Math.random()));
    for (const dismiss of await this.button('Dismiss').all()) await dismiss.click();
  }

  /** By how many pixels the page is wider than its window. */
  overflow(): Promise<number> {
    return this.tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  }

  /** Clicks what saves a file, and gives the file. */
  async save(button: 'Picture' | 'Map (.npy)' | 'JSON'): Promise<SavedFile> {
    const [download] = await Promise.all([
      this.tab.waitForEvent('download'),
      this.tab.locator('.save').getByRole('button', { name: button, exact: true }).click(),
    ]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  async savedMap() {
    return decodeNpy((await this.save('Map (.npy)')).bytes);
  }

  async savedJson(): Promise<SavedJson> {
    return JSON.parse((await this.save('JSON')).bytes.toString()) as SavedJson;
  }

  /** Goes on with the tab key until something has the focus, as one without a mouse does. */
  async tabTo(wanted: Locator): Promise<void> {
    await wanted.waitFor();
    for (let i = 0; i < 120; i++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.tab.keyboard.press('Tab');
    }
    throw new Error(`The tab key does not come to ${wanted}.`);
  }

  /** Drops files of the disk onto the picture, as the system does. */
  async drop(...paths: readonly string[]): Promise<void> {
    const session = await this.tab.context().newCDPSession(this.tab);
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
    await session.detach();
  }

  /** Chooses files in the dialog that a button opens. */
  async choose(button: Locator, ...paths: readonly string[]): Promise<void> {
    const [dialog] = await Promise.all([this.tab.waitForEvent('filechooser'), button.click()]);
    await dialog.setFiles([...paths]);
  }
}
