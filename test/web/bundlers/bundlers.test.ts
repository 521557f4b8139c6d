// The app of fixtures/app, built in every way, under the strict policy: the numbers of Node, and no request elsewhere.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createExplainer, type Explanation } from '@saywhy/node';
import { expect } from 'chai';
import { type Browser, type ChromiumPage, launch, type Server, serve } from '../../support/browsers/index.js';
import { builds } from './builds.js';
import { createProject, type Project } from './project.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const net = join(root, 'test/fixtures/nets/plain.torchscript.onnx');
const picture = join(root, 'samples/cat-and-dog.png');

interface Answer {
  readonly device: string;
  readonly predictions: Explanation['predictions'];
  readonly data: number[];
  readonly raw: number[];
}

describe('@saywhy/web, bundled', () => {
  let project: Project;
  let browser: Browser<ChromiumPage>;
  let expected: Explanation;

  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    browser = await launch('chromium');
    await using explainer = await createExplainer(net);
    expected = await explainer.explain(picture, { target: 3 });
  });
  after(async () => {
    await browser?.close();
    await project?.remove();
  });

  for (const { name, run } of builds) {
    it(`works by ${name}`, async function () {
      this.timeout(60_000);
      const out = join(project.folder, 'out', name);
      await mkdir(out, { recursive: true });
      const policy = await run(project, out);
      const files = { '/net.onnx': await readFile(net), '/picture.png': await readFile(picture) };
      const server = await serve({ folders: { '/': out }, files, ...(policy !== undefined && { policy }) });
      const page = await browser.open(server.origin);
      try {
        const answer = await page.evaluate(() => (globalThis as unknown as { answer: Promise<Answer> }).answer);
        expect(await page.errors()).to.deep.equal([]);
        expect(answer.device).to.equal('wasm');
        expectSame(answer, expected);
        expect(browser.outside).to.deep.equal([]);
        expect(requestsOf(server, /\.wasm$/), 'one program of WebAssembly, from the same origin').to.have.length(1);
        expect(server.asked.filter(({ status }) => status >= 400)).to.deep.equal([]);
      } finally {
        await page.close();
        await server.close();
      }
    });
  }
});

function requestsOf({ asked }: Server, pattern: RegExp): string[] {
  return asked.map(({ path }) => path).filter((path) => pattern.test(path));
}

function expectSame(answer: Answer, { maps, predictions }: Explanation): void {
  const [map] = maps;
  expect(difference(answer.raw, map!.raw.data)).to.be.lessThan(1e-4);
  expect(difference(answer.data, map!.data)).to.be.lessThan(1e-3);
  expect(Math.max(...answer.data)).to.be.closeTo(1, 1e-6);
  expect(answer.predictions.map(({ index }) => index)).to.deep.equal(predictions.map(({ index }) => index));
  expect(
    difference(
      answer.predictions.map(({ logit }) => logit),
      predictions.map(({ logit }) => logit),
    ),
  ).to.be.lessThan(1e-4);
}

function difference(actual: readonly number[], expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
}
