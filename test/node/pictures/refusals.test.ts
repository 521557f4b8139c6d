import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPicture, type PictureSource, SaywhyError } from '@saywhy/node';
import { expect } from 'chai';

const fixtures = new URL('./fixtures/', import.meta.url);
const fixture = (name: string): Promise<Buffer> => readFile(new URL(name, fixtures));

async function refusal(source: PictureSource): Promise<SaywhyError> {
  try {
    await loadPicture(source);
  } catch (error) {
    expect(error).to.be.instanceOf(SaywhyError);
    return error as SaywhyError;
  }
  throw new Error('It was read.');
}

describe('pictures: what cannot be read is refused with its name and the reason', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywhy-pictures-'));
  });
  after(() => rm(folder, { recursive: true }));

  const written = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };

  it('a missing file, a folder', async () => {
    const missing = await refusal(join(folder, 'nowhere.png'));
    expect(missing.code).to.equal('file-not-found');
    expect(missing.message).to.include('nowhere.png');
    expect((await refusal(folder)).code).to.equal('not-a-file');
  });

  it('text with the name of a picture, an empty file', async () => {
    const text = await refusal(await written('notes.jpg', 'Dear diary, no picture today.'));
    expect(text.code).to.equal('not-a-picture');
    expect(text.message).to.match(/notes\.jpg is not a picture.*PNG, JPEG/);
    expect((await refusal(await written('empty.png', ''))).message).to.match(/empty\.png is empty/);
  });

  it('formats that are known and not read are named', async () => {
    const cases: readonly (readonly [content: string, name: RegExp])[] = [
      ['%PDF-1.7\n', /PDF/],
      ['<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', /SVG/],
      ['<!DOCTYPE html><html></html>', /HTML page/],
      ['\0\0\0\x18ftypheic\0\0\0\0mif1heic', /HEIC/],
    ];
    for (const [content, name] of cases) {
      const error = await refusal(Buffer.from(content, 'latin1'));
      expect(error.code).to.equal('not-a-picture');
      expect(error.message).to.match(name);
    }
  });

  it('a file that was cut off, in every format, wherever it was cut', async () => {
    const names = (await readdir(fixtures)).filter((name) => !/^exif-[2-8]|^expected$/.test(name));
    for (const name of names) {
      const whole = await fixture(name);
      for (const share of [0.2, 0.5, 0.9, 0.98]) {
        const error = await refusal(whole.subarray(0, Math.floor(whole.length * share))).catch(() =>
          expect.fail(`${name} cut at ${share} was read`),
        );
        expect(error.code, `${name} cut at ${share}`).to.be.oneOf(['invalid-picture', 'not-a-picture']);
      }
    }
  });

  it('a damaged file spoils neither the decoder nor stdout', async () => {
    for (const name of ['exif-1.avif', 'lossy.webp', 'palette.gif', 'exif-1.jpg', 'rgb.bmp', 'lzw.tiff', 'grey.png']) {
      const whole = await fixture(name);
      for (let seed = 0; seed < 30; seed++) {
        const damaged = Buffer.from(whole);
        for (let i = 0; i < 3; i++) damaged[(seed * 7919 + i * 104_729) % whole.length] = (seed * 37 + i * 91) & 255;
        await loadPicture(damaged).catch((error: unknown) => {
          expect(error, `${name}, seed ${seed}: ${String(error)}`).to.be.instanceOf(SaywhyError);
        });
      }
      expect((await loadPicture(whole)).width, name).to.be.greaterThan(0);
    }
  });

  it('more pixels than the limit, before any of them is decoded', async () => {
    const small = await fixture('grey.png');
    const bomb = Buffer.from(small);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    const error = await refusal(bomb);
    expect(error.code).to.equal('picture-too-large');
    expect(error.message).to.match(/60000 x 60000 pixels, 3,600 megapixels.*limit is 100/);
  });

  it('an animated WebP, which its decoder cannot read', async () => {
    const error = await refusal(await fixture('animated.webp'));
    expect(error.code).to.equal('unsupported-picture');
    expect(error.message).to.include('animated WebP');
  });

  it('a server that cannot be reached', async () => {
    const error = await refusal('http://127.0.0.1:9/cat.jpg');
    expect(error.code).to.equal('fetch-failed');
    expect(error.message).to.include('http://127.0.0.1:9/cat.jpg');
  });

  it('something that is no source at all', async () => {
    expect((await refusal(7 as unknown as PictureSource)).code).to.equal('invalid-picture');
    expect((await refusal({ data: new Uint8Array(5), width: 2, height: 2 })).code).to.equal('invalid-picture');
  });
});

describe('pictures: every kind of source gives the same pixels', () => {
  it('path, file URL, data URL, Buffer, ArrayBuffer, Blob, pixels, a jimp-like image', async () => {
    const url = new URL('alpha.png', fixtures);
    const bytes = await readFile(url);
    const picture = await loadPicture(url);
    const sources: readonly PictureSource[] = [
      url.pathname,
      url.href,
      `data:image/png;base64,${bytes.toString('base64')}`,
      bytes,
      new Uint8Array(bytes),
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
      new Blob([new Uint8Array(bytes)]),
      picture,
      { bitmap: picture },
    ];
    for (const source of sources) {
      const again = await loadPicture(source);
      expect([again.width, again.height]).to.deep.equal([24, 16]);
      expect(Buffer.from(again.data).equals(Buffer.from(picture.data))).to.equal(true);
    }
  });
});
