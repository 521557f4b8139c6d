// Whatever a page holds a picture in, the model sees the same, and the page keeps what it passed.
import { expect } from 'chai';
import { type Browser, engines, launch, type Page, type Server } from '../../support/browsers/index.js';
import { smallNet } from '../../support/nets.js';
import { serveAdapter } from './pages.js';

type Web = typeof import('@saywhy/web');
type Target = import('@saywhy/web').Target;
type Explainer = Awaited<ReturnType<Web['createExplainer']>>;

const preprocess = {
  channels: 'RGB',
  layout: 'NCHW',
  steps: [{ resize: { size: [12, 12], filter: 'bilinear' } }, { rescale: 1 / 255 }],
} as const;

/** A worker that tells how often it has decoded. */
const counting = `
  const decode = createImageBitmap;
  let count = 0;
  const channel = new BroadcastChannel('decoded');
  globalThis.createImageBitmap = (...all) => (count++, decode(...all));
  channel.onmessage = () => channel.postMessage(count);
  import './worker.js';`;

for (const engine of engines)
  describe(`pictures in ${engine}`, () => {
    let server: Server;
    let browser: Browser;
    let page: Page;

    before(async function () {
      this.timeout(60_000);
      server = await serveAdapter({ files: { '/small.onnx': smallNet(), '/counting.js': counting } });
      browser = await launch(engine);
      page = await browser.open(server.origin);
      await page.evaluate(async (preprocess) => {
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        const explainer = await createExplainer('/small.onnx', { device: 'wasm', preprocess, worker: '/counting.js' });
        const channel = new BroadcastChannel('decoded');
        const decoded = () =>
          new Promise<number>((resolve) => {
            channel.onmessage = ({ data }) => resolve(data);
            channel.postMessage('?');
          });
        const logits = async (picture: Parameters<Explainer['predict']>[0]) => {
          const { predictions } = await explainer.predict(picture);
          return [...predictions].sort((a, b) => a.index - b.index).map(({ logit }) => logit);
        };
        const code = (picture: unknown) =>
          explainer.predict(picture as string).then(
            () => 'none',
            (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
          );
        Object.assign(globalThis, { explainer, logits, decoded, code });
      }, preprocess);
    });
    after(async () => {
      await browser?.close();
      await server.close();
    });

    interface Kept {
      logits(picture: Parameters<Explainer['predict']>[0]): Promise<number[]>;
      decoded(): Promise<number>;
      code(picture: unknown): Promise<string>;
    }

    it('every kind of source is seen alike, and stays the page’s', async () => {
      const seen = await page.evaluate(async () => {
        const { logits } = globalThis as unknown as Kept;
        const blob = await (await fetch('/samples/cat-and-dog.png')).blob();
        const bytes = new Uint8Array(await blob.arrayBuffer());
        const bitmap = await createImageBitmap(blob);
        const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
        const context = canvas.getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
        const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
        offscreen.getContext('2d')!.drawImage(bitmap, 0, 0);
        const image = new Image();
        image.src = '/samples/cat-and-dog.png';
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        const padded = new Uint8Array(bytes.length + 10);
        padded.set(bytes, 5);
        const sources = {
          address: 'samples/cat-and-dog.png',
          URL: new URL('/samples/cat-and-dog.png', location.href),
          'data URL': `data:image/png;base64,${btoa(text)}`,
          Blob: blob,
          File: new File([blob], 'cat.png'),
          bytes,
          'part of a buffer': padded.subarray(5, 5 + bytes.length),
          ArrayBuffer: bytes.buffer,
          ImageBitmap: bitmap,
          canvas,
          OffscreenCanvas: offscreen,
          image,
          ImageData: pixels,
          pixels: { data: new Uint8Array(pixels.data), width: pixels.width, height: pixels.height },
        };
        const found: Record<string, number[]> = {};
        for (const [name, source] of Object.entries(sources)) found[name] = await logits(source);
        found.named = await logits({ input: blob });
        return {
          found,
          left: [bytes.length, pixels.data.length, bitmap.width, canvas.width, image.naturalWidth].every(
            (size) => size > 0,
          ),
        };
      });
      const { address, ...others } = seen.found;
      for (const [name, logits] of Object.entries(others)) expect(logits, name).to.deep.equal(address);
      expect(seen.left).to.equal(true);
    });

    it('what targets compare with is seen as an input is, however deep it lies', async () => {
      const seen = await page.evaluate(async (preprocess) => {
        const { logits, code } = globalThis as unknown as Kept;
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        const likeness = await createExplainer('/small.onnx', {
          device: 'wasm',
          preprocess,
          scoreKind: 'embedding',
        });
        const [cat, dog] = ['/samples/cat.jpg', '/samples/dog.jpg'] as const;
        const blob = await (await fetch(dog)).blob();
        const bitmap = await createImageBitmap(blob);
        const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
        const context = canvas.getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        const image = new Image();
        image.src = dog;
        const sources = {
          address: dog,
          URL: new URL(dog, location.href),
          Blob: blob,
          File: new File([blob], 'dog.jpg'),
          bytes: new Uint8Array(await blob.arrayBuffer()),
          ImageBitmap: bitmap,
          canvas,
          image,
          ImageData: context.getImageData(0, 0, bitmap.width, bitmap.height),
        };
        const value = async (target: Target) =>
          (await likeness.explain(cat, { target, method: 'saliency' })).maps[0]!.target.value;
        const found: Record<string, number> = {};
        for (const [name, similarTo] of Object.entries(sources)) found[name] = await value({ similarTo });
        const vector = await logits(dog);
        const codes: [string, string][] = [];
        for (const wrong of ['/samples/nothing.png', new Blob([]), 5, null]) {
          const own = await value({ not: { similarTo: wrong as string } }).catch((e) => `${e.code}: ${e.message}`);
          codes.push([String(own), await code(wrong)]);
        }
        const seen = {
          found,
          vectors: [await logits(cat), vector],
          byVector: await value({ similarTo: vector }),
          both: await value({ versus: [{ similarTo: canvas }, { not: { similarTo: image } }] }),
          itself: await value({ similarTo: cat }),
          codes,
          left: [bitmap.width, canvas.width, image.naturalWidth].every((size) => size > 0),
        };
        await likeness.dispose();
        return seen;
      }, preprocess);
      const [a, b] = seen.vectors as [number[], number[]];
      const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
      const expected = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
      expect(expected).to.be.below(0.9999);
      // A drawn bitmap of a JPEG may differ from the file's own pixels by a rounding.
      for (const [name, value] of Object.entries(seen.found)) expect(value, name).to.be.closeTo(expected, 1e-5);
      expect(seen.byVector).to.be.closeTo(expected, 1e-6);
      expect(seen.both).to.be.closeTo(2 * expected, 2e-5);
      expect(seen.itself).to.be.closeTo(1, 1e-6);
      for (const [compared, input] of seen.codes) expect(compared).to.equal(input);
      expect(seen.left).to.equal(true);
    });

    it('what cannot change is decoded once, and what can each time', async () => {
      const seen = await page.evaluate(async () => {
        const { logits, decoded } = globalThis as unknown as Kept;
        const blob = await (await fetch('/samples/cat.jpg')).blob();
        const canvas = Object.assign(document.createElement('canvas'), { width: 20, height: 20 });
        const context = canvas.getContext('2d')!;
        context.fillRect(0, 0, 20, 20);
        const start = await decoded();
        const first = await logits(blob);
        await Promise.all([logits(blob), logits(blob)]);
        const again = await decoded();
        const black = await logits(canvas);
        context.fillStyle = 'white';
        context.fillRect(0, 0, 20, 20);
        const white = await logits(canvas);
        await logits('/samples/dog.jpg');
        const same = await logits(blob);
        const kept = await decoded();
        await logits('/samples/hens.jpg');
        await logits('/samples/dog.jpg');
        const last = await logits(blob);
        return {
          once: again - start,
          keptTwo: kept - again,
          others: (await decoded()) - kept,
          changed: black[0] !== white[0],
          same: [same, last].every((found) => found.join() === first.join()),
        };
      });
      expect(seen).to.deep.equal({ once: 1, keptTwo: 1, others: 3, changed: true, same: true });
    });

    it('says what is wrong with a picture, and goes on', async () => {
      const codes = await page.evaluate(async () => {
        const { code, logits } = globalThis as unknown as Kept;
        const png = new Uint8Array(await (await fetch('/samples/cat-and-dog.png')).arrayBuffer());
        const unloaded = new Image();
        unloaded.src = '/samples/nothing.png';
        const codes = [
          await code('/samples/nothing.png'),
          await code('/index.html'),
          await code(new Blob([])),
          await code(new File([png.subarray(0, 5000)], 'half.png')),
          await code(new Blob(['%PDF-1.7'])),
          await code({ data: new Uint8Array(5), width: 2, height: 2 }),
          await code(document.createElement('video')),
          await code(Object.assign(document.createElement('canvas'), { width: 0 })),
          await code(unloaded),
          await code('data:image/png,hello'),
          await code(5),
          await code(null),
          await code({ other: new Blob([png]) }),
        ];
        await logits('/samples/cat-and-dog.png');
        return codes;
      });
      const expected = [
        /^fetch-failed: .*\/samples\/nothing.png could not be fetched: the server answered 404/,
        /^not-a-picture: .*\/index.html is an HTML page/,
        /^not-a-picture: The picture is empty: 0 bytes/,
        /^invalid-picture: half.png is a PNG file that ends too early/,
        /^not-a-picture: The picture is a PDF document/,
        /^invalid-picture: A picture of 2 x 2 pixels is 16 bytes/,
        /^invalid-picture: The <video> element has no frame yet/,
        /^invalid-picture: The canvas is 0 x \d+ pixels/,
        /^invalid-picture: The <img> element did not load.*nothing.png/,
        /^invalid-picture: The data URL/,
        /^invalid-picture: 5 is no picture/,
        /^invalid-picture: null is no picture/,
        /^unknown-input: .*"other"/,
      ];
      expect(codes).to.have.length(expected.length);
      for (const [i, code] of codes.entries()) expect(code).to.match(expected[i]!);
    });
  });

describe('pictures that move', () => {
  let server: Server;
  let browser: Browser;

  before(async function () {
    this.timeout(60_000);
    server = await serveAdapter({ files: { '/small.onnx': smallNet() } });
    browser = await launch('chromium');
  });
  after(async () => {
    await browser?.close();
    await server.close();
  });

  it('an image element is what it shows by now, and everything else what it was at the call', async () => {
    const page = await browser.open(server.origin);
    const seen = await page.evaluate(async (preprocess) => {
      const { createExplainer, findMethod } = (await import('/bundle.js' as string)) as Web;
      const explainer = await createExplainer('/small.onnx', { device: 'wasm', preprocess });
      type Asked = Parameters<Explainer['explain']>[0];
      const logit = async (picture: Asked, options: Parameters<Explainer['explain']>[1] = {}) =>
        (await explainer.explain(picture, { target: 0, method: 'occlusion', ...options })).maps[0]!.target.value;
      const names = ['cat', 'dog', 'cat', 'dog', 'cat-and-dog', 'cat'].map(
        (name) => `/samples/${name}.${name === 'cat-and-dog' ? 'png' : 'jpg'}`,
      );
      const byImage: number[] = [];
      const byAddress: number[] = [];
      const image = new Image();
      document.body.append(image);
      for (const name of names) {
        image.src = name;
        byImage.push(await logit(image));
        const fresh = new Image();
        fresh.src = `${name}?again`;
        byAddress.push(await logit(fresh));
      }
      const canvas = new OffscreenCanvas(20, 20);
      const context = canvas.getContext('2d')!;
      const paint = (color: string) => {
        context.fillStyle = color;
        context.fillRect(0, 0, 20, 20);
      };
      paint('#d03020');
      const red = await logit(canvas);
      const method = { ...findMethod('grad-cam'), name: 'own' };
      const asked = logit(canvas, { method });
      const frame = new VideoFrame(canvas, { timestamp: 0 });
      const ofFrame = logit(frame, { method });
      frame.close();
      paint('#2030d0');
      return { byImage, byAddress, red, asked: await asked, ofFrame: await ofFrame, blue: await logit(canvas) };
    }, preprocess);
    expect(seen.byImage).to.deep.equal(seen.byAddress);
    expect(new Set(seen.byImage).size).to.equal(3);
    expect(seen.asked).to.equal(seen.red).and.not.equal(seen.blue);
    expect(seen.ofFrame).to.be.closeTo(seen.red, 1e-3);
    await page.close();
  });

  it('what is no picture is said to be none, by its kind; of another frame it is one', async () => {
    const page = await browser.open(server.origin);
    const seen = await page.evaluate(async (preprocess) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const explainer = await createExplainer('/small.onnx', { device: 'wasm', preprocess });
      const tell = (picture: unknown) =>
        explainer.predict(picture as string).then(
          ({ predictions }) => predictions[0]!.logit,
          (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
        );
      const none = [document.createElement('div'), new Response(''), [], Promise.resolve(), new Map(), 'http://['];
      const wrong = await Promise.all(none.map(tell));
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const blob = await (await fetch('/samples/cat.jpg')).blob();
      const { Blob: TheirBlob } = frame.contentWindow as unknown as { Blob: typeof Blob };
      const shared = new Uint8Array(new SharedArrayBuffer(blob.size));
      shared.set(new Uint8Array(await blob.arrayBuffer()));
      return { wrong, cat: [await tell(blob), await tell(new TheirBlob([blob])), await tell(shared)] };
    }, preprocess);
    const kinds = ['HTMLDivElement', 'Response', 'Array', 'Promise', 'Map'];
    for (const [i, kind] of kinds.entries())
      expect(seen.wrong[i]).to.match(new RegExp(`^invalid-picture: A ${kind} is no picture: give an address`));
    expect(seen.wrong.at(-1)).to.match(/^invalid-address: "http:\/\/\["/);
    expect(typeof seen.cat[0]).to.equal('number');
    expect(new Set(seen.cat).size).to.equal(1);
    await page.close();
  });

  it('a call that cannot be sent costs the next one nothing', async () => {
    const page = await browser.open(server.origin);
    const seen = await page.evaluate(async (preprocess) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const explainer = await createExplainer('/small.onnx', { device: 'wasm', preprocess });
      const blob = await (await fetch('/samples/cat.jpg')).blob();
      const found: string[] = [];
      for (let wait = 0; wait < 10; wait++) {
        const picture = new Blob([blob]);
        const unsent = explainer.predict(picture, { foo: () => 1 } as object).then(
          () => 'sent',
          () => 'unsent',
        );
        for (let i = 0; i < wait; i++) await Promise.resolve();
        const next = explainer.predict(picture).then(
          () => 'answered',
          ({ code }: { code: string }) => code,
        );
        found.push(`${await unsent} ${await next}`);
      }
      return found;
    }, preprocess);
    expect(new Set(seen)).to.deep.equal(new Set(['unsent answered']));
    await page.close();
  });

  it('a video is seen as it is now, and a frame of it stays', async () => {
    const page = await browser.open(server.origin);
    const seen = await page.evaluate(async (preprocess) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const explainer = await createExplainer('/small.onnx', { device: 'wasm', preprocess });
      const logit = async (picture: HTMLVideoElement | VideoFrame | HTMLCanvasElement) => {
        const { predictions } = await explainer.predict(picture);
        return predictions.find(({ index }) => index === 0)!.logit;
      };
      const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
      const context = canvas.getContext('2d')!;
      const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream() });
      const show = async (color: string) => {
        context.fillStyle = color;
        context.fillRect(0, 0, 64, 48);
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        await new Promise((resolve) => setTimeout(resolve, 100));
      };
      context.fillRect(0, 0, 64, 48);
      await video.play();
      await show('#d03020');
      const red = [await logit(video), await logit(canvas)];
      const frame = new VideoFrame(video);
      await show('#2030d0');
      const blue = [await logit(video), await logit(canvas)];
      const kept = [await logit(frame), await logit(frame)];
      const open = frame.codedWidth > 0;
      frame.close();
      return { red, blue, kept, open };
    }, preprocess);
    const [red, blue] = [seen.red[1]!, seen.blue[1]!];
    expect(Math.abs(red - blue)).to.be.above(0.05);
    // Video stores colour as brightness and hue, which rounds.
    expect(seen.red[0]).to.be.closeTo(red, 0.02 * Math.abs(red - blue) + 0.01);
    expect(seen.blue[0]).to.be.closeTo(blue, 0.02 * Math.abs(red - blue) + 0.01);
    expect(seen.kept).to.deep.equal([seen.red[0], seen.red[0]]);
    expect(seen.open).to.equal(true);
  });

  it('a picture of another origin says that no page may read it', async () => {
    const other = await serveAdapter({ isolated: false, policy: false });
    const open = await serveAdapter({ files: { '/small.onnx': smallNet() }, isolated: false, policy: false });
    const page = await browser.open(open.origin);
    const code = await page.evaluate(
      async (address, preprocess) => {
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        const explainer = await createExplainer('/small.onnx', { device: 'wasm', preprocess });
        const image = new Image();
        image.src = address;
        await image.decode();
        return explainer.predict(image).catch((error: { code: string }) => error.code);
      },
      `${other.origin}/samples/cat.jpg`,
      preprocess,
    );
    expect(code).to.equal('tainted-picture');
    await other.close();
    await open.close();
  });
});
