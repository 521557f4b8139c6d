import { expect } from 'chai';
import fc from 'fast-check';
import { fromHuggingFace } from '../../../packages/core/src/images/huggingface.js';
import {
  type Picture,
  parsePreprocess,
  planPreprocess,
  preprocess,
  preprocessPresets,
} from '../../../packages/core/src/images/index.js';
import { floats, golden, goldens, largestDifference, solid } from './goldens.js';

/** float32 rounding of (v - mean) / std; the smallest difference of a byte is 1 / 255 / 0.229 = 0.017. */
const tolerance = 1e-6;

describe('preprocess', () => {
  for (const { picture, spec, shape, data } of goldens.preprocess) {
    it(`equals PIL and torchvision: ${picture}, ${JSON.stringify(spec).slice(0, 90)}`, () => {
      const { tensor } = preprocess(golden(picture), parsePreprocess(spec));
      expect(tensor.shape).to.deep.equal(shape);
      expect(largestDifference(tensor.data, floats(data))).to.be.below(tolerance);
    });
  }

  for (const { picture, config, shape, data } of goldens.huggingFace) {
    it(`equals transformers' ${config.image_processor_type}`, () => {
      const { tensor } = preprocess(golden(picture), fromHuggingFace(config));
      expect(tensor.shape).to.deep.equal(shape);
      expect(largestDifference(tensor.data, floats(data))).to.be.below(tolerance);
    });
  }

  it('has torchvision ImageNet classifiers as a preset', () => {
    const { tensor, region } = preprocess(golden('gradient'), parsePreprocess('imagenet'));
    expect(tensor.shape).to.deep.equal([1, 3, 224, 224]);
    // 64 x 48 -> 341 x 256, cropped at (58, 16).
    expect(region.x).to.be.closeTo((58 * 64) / 341, 1e-9);
    expect(region.y).to.be.closeTo((16 * 48) / 256, 1e-9);
    expect(region.width).to.be.closeTo((224 * 64) / 341, 1e-9);
    expect(region.height).to.be.closeTo((224 * 48) / 256, 1e-9);
  });

  it('gives the bytes as they are without steps', () => {
    const { tensor, region } = preprocess(solid(2, 1, [10, 20, 30]), { channels: 'BGR', layout: 'NCHW', steps: [] });
    expect([...tensor.data]).to.deep.equal([30, 30, 20, 20, 10, 10]);
    expect(region).to.deep.equal({ x: 0, y: 0, width: 2, height: 1 });
  });

  it('makes a region larger than the picture where it pads', () => {
    const steps = [{ resize: { longest: 32 } }, { pad: { size: 32, value: 114 } }];
    const { region } = planPreprocess({ width: 640, height: 320 }, parsePreprocess({ steps }));
    expect(region).to.deep.equal({ x: 0, y: -160, width: 640, height: 640 });
  });

  it('makes a picture as large as fits, rounded as a letterbox is', () => {
    // 333 x 500 within 256 x 320: 0.64 as large by its width, and 213.12 rows; by its height 170.496 columns.
    const steps = [{ resize: { within: [256, 320] } }];
    const wide = planPreprocess({ width: 500, height: 333 }, parsePreprocess({ steps }));
    expect(wide.size).to.deep.equal({ width: 320, height: 213 });
    const high = planPreprocess({ width: 333, height: 500 }, parsePreprocess({ steps }));
    expect(high.size).to.deep.equal({ width: 170, height: 256 });
    const line = planPreprocess({ width: 4000, height: 1 }, parsePreprocess({ steps: [{ resize: { within: 64 } }] }));
    expect(line.size).to.deep.equal({ width: 64, height: 1 });
  });

  it('keeps a marked pixel inside the region where the model sees it', () => {
    // A picture is black but for one white block; its centre of mass in the tensor, mapped back by the region, is its centre.
    const size = fc.integer({ min: 60, max: 100 });
    const share = fc.double({ min: 0.35, max: 0.65, noNaN: true });
    const step = fc.constantFrom(
      [{ resize: { shortest: 64 } }, { crop: [48, 48] }],
      [{ resize: { size: [40, 90] } }, { crop: [37, 60] }],
      [{ resize: { longest: 50, filter: 'lanczos' } }, { pad: { size: [64, 61] } }],
      [{ crop: [150, 50] }, { resize: { size: 64, filter: 'bicubic' } }],
      [{ pad: { size: [200, 130], align: 'top-left' } }, { resize: { shortest: 70 } }],
    );
    fc.assert(
      fc.property(size, size, share, share, step, (width, height, sx, sy, steps) => {
        const [x, y] = [Math.round(sx * width) - 4, Math.round(sy * height) - 4];
        const picture = marked(width, height, x, y, 8);
        const { tensor, region } = preprocess(picture, parsePreprocess({ channels: 'GRAY', steps }));
        const [, , h, w] = tensor.shape as [number, number, number, number];
        let [mass, massX, massY] = [0, 0, 0];
        tensor.data.forEach((value, i) => {
          mass += value;
          massX += value * ((i % w) + 0.5);
          massY += value * (Math.floor(i / w) + 0.5);
        });
        expect(region.x + (massX / mass / w) * region.width).to.be.closeTo(x + 4, 0.35);
        expect(region.y + (massY / mass / h) * region.height).to.be.closeTo(y + 4, 0.35);
      }),
    );
  });

  it('computes the same through a crop as the whole would give', () => {
    const steps = [{ resize: { shortest: 20, filter: 'bicubic' } }] as const;
    const full = preprocess(golden('noise'), { channels: 'RGB', layout: 'NHWC', steps });
    const part = preprocess(golden('noise'), {
      channels: 'RGB',
      layout: 'NHWC',
      steps: [...steps, { crop: [10, 12] }],
    });
    // 37 x 23 -> 32 x 20; offsets 10 and 5.
    const expected = [...part.tensor.data].map((_, i) => {
      const [row, rest] = [Math.floor(i / 36), i % 36];
      return full.tensor.data[(row + 5) * 32 * 3 + 10 * 3 + rest];
    });
    expect([...part.tensor.data]).to.deep.equal(expected);
  });

  it('refuses to make more pixels than it should', () => {
    const spec = parsePreprocess({ steps: [{ resize: { shortest: 8192 } }] });
    expect(() => preprocess(solid(1, 5000, [0, 0, 0]), spec))
      .to.throw('8192 x 40960000 pixels')
      .with.property('code', 'picture-too-large');
  });
});

function marked(width: number, height: number, x: number, y: number, side: number): Picture {
  const { data } = solid(width, height, [0, 0, 0]);
  for (let row = y; row < y + side; row++) data.fill(255, (row * width + x) * 4, (row * width + x + side) * 4);
  return { data, width, height };
}

describe('parsePreprocess', () => {
  it('reads what it wrote', () => {
    expect(parsePreprocess(JSON.parse(JSON.stringify(preprocessPresets.imagenet)))).to.deep.equal(
      preprocessPresets.imagenet,
    );
  });

  it('fills in what may be left out', () => {
    const steps = [{ resize: { size: 8 } }, { pad: { size: 9 } }, { normalize: { mean: 0.5, std: 2 } }];
    expect(parsePreprocess({ steps })).to.deep.equal({
      channels: 'RGB',
      layout: 'NCHW',
      steps: [
        { resize: { size: [8, 8], filter: 'bilinear' } },
        { pad: { size: [9, 9], value: [0, 0, 0], align: 'center' } },
        { normalize: { mean: [0.5, 0.5, 0.5], std: [2, 2, 2] } },
      ],
    });
  });

  const wrong: [json: unknown, message: string][] = [
    [null, 'preprocess is an object'],
    ['imagnet', 'preprocess is one of: imagenet. Did you mean imagenet?'],
    [{}, 'preprocess.steps is a list of steps'],
    [
      { steps: [], chanels: 'RGB' },
      'preprocess.chanels is not known; preprocess has: channels, layout, steps. Did you mean channels?',
    ],
    [{ steps: [], channels: 'rgb' }, 'Did you mean RGB? It is "rgb".'],
    [{ steps: [{ resize: { size: 1 }, crop: 2 }] }, 'preprocess.steps[0] has one key'],
    [{ steps: [{ rezise: 224 }] }, 'Did you mean resize?'],
    [
      { steps: [{ resize: 224 }] },
      'preprocess.steps[0].resize is an object with: shortest, longest, size, within, filter. It is 224.',
    ],
    [{ steps: [{ resize: {} }] }, 'needs one of: shortest, longest, size, within'],
    [
      { steps: [{ resize: { shortest: 2.5 } }] },
      'preprocess.steps[0].resize.shortest is a whole number of pixels from 1 to 8192. It is 2.5.',
    ],
    [{ steps: [{ resize: { shortest: 9, longest: 8 } }] }, 'longest is not less than shortest, 9'],
    [{ steps: [{ resize: { size: 9, longest: 8 } }] }, 'either size, or within, or shortest and longest'],
    [{ steps: [{ resize: { size: 9, within: 9 } }] }, 'either size, or within, or shortest and longest'],
    [{ steps: [{ resize: { within: 0 } }] }, 'preprocess.steps[0].resize.within'],
    [{ steps: [{ resize: { size: 9, filter: 'cubic' } }] }, 'bicubic'],
    [{ steps: [{ crop: [1, 2, 3] }] }, 'is [height, width] in pixels'],
    [{ steps: [{ crop: 1e9 }] }, 'from 1 to 8192'],
    [{ steps: [{ rescale: 0 }] }, 'preprocess.steps[0].rescale is not zero'],
    [{ steps: [{ normalize: { mean: [0, 0], std: 1 } }] }, 'one number for each of the 3 channel(s). It is [0,0].'],
    [
      { steps: [{ normalize: { mean: [0, 0, null], std: 1 } }] },
      'preprocess.steps[0].normalize.mean[2] is a finite number',
    ],
    [{ steps: [{ normalize: { mean: 0, std: [1, 0, 1] } }] }, 'normalize.std[1] is not zero'],
    [{ steps: [{ pad: { size: 9, value: 0.5 } }] }, 'an integer from 0 to 255'],
    [{ steps: [{ rescale: 2 }, { resize: { size: 9 } }] }, 'preprocess.steps[1] comes too late'],
  ];
  for (const [json, message] of wrong) {
    it(`refuses ${JSON.stringify(json)}`, () => {
      expect(() => parsePreprocess(json))
        .to.throw(message)
        .with.property('code', 'invalid-preprocess');
    });
  }

  it('answers any JSON with a value or a typed error', () => {
    const number = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.double());
    const leaf = fc.oneof(number, fc.constantFrom('RGB', 'bicubic', null), fc.array(number, { maxLength: 3 }));
    const key = fc.constantFrom('shortest', 'size', 'filter', 'mean', 'std', 'value', 'align');
    const step = fc.dictionary(
      fc.constantFrom('resize', 'crop', 'pad', 'rescale', 'normalize'),
      fc.oneof(leaf, fc.dictionary(key, leaf)),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ steps: fc.array(step) })), (json) => {
        try {
          const spec = parsePreprocess(json);
          expect(parsePreprocess(JSON.parse(JSON.stringify(spec)))).to.deep.equal(spec);
        } catch (error) {
          expect(error).to.have.property('code', 'invalid-preprocess');
        }
      }),
    );
  });
});

describe('fromHuggingFace', () => {
  it('reads the config of an old feature extractor', () => {
    const old = {
      do_normalize: true,
      do_resize: true,
      feature_extractor_type: 'ViTFeatureExtractor',
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      resample: 2,
      size: 224,
    };
    expect(fromHuggingFace(old)).to.deep.equal({
      channels: 'RGB',
      layout: 'NCHW',
      steps: [
        { resize: { size: [224, 224], filter: 'bilinear' } },
        { rescale: 1 / 255 },
        { normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } },
      ],
    });
    const clip = fromHuggingFace({
      ...old,
      feature_extractor_type: 'CLIPFeatureExtractor',
      resample: 3,
      crop_size: 200,
    });
    expect(clip.steps.slice(0, 2)).to.deep.equal([
      { resize: { shortest: 224, filter: 'bicubic' } },
      { crop: { size: [200, 200], offset: 'floor' } },
    ]);
  });

  it('pads below and to the right after normalizing', () => {
    const sam = {
      size: { longest_edge: 1024 },
      do_normalize: false,
      do_pad: true,
      pad_size: { height: 1024, width: 1024 },
    };
    expect(fromHuggingFace(sam).steps).to.deep.equal([
      { resize: { longest: 1024, filter: 'bilinear' } },
      { rescale: 1 / 255 },
      { pad: { size: [1024, 1024], value: [0, 0, 0], align: 'top-left' } },
    ]);
  });

  it('warps ConvNeXT pictures of 384 pixels and more', () => {
    const config = {
      image_processor_type: 'ConvNextImageProcessor',
      size: { shortest_edge: 384 },
      do_normalize: false,
    };
    expect(fromHuggingFace(config).steps[0]).to.deep.equal({ resize: { size: [384, 384], filter: 'bilinear' } });
  });

  const wrong: [config: unknown, message: string][] = [
    ['text', 'holds an object'],
    [{ size: { min_pixels: 3 } }, 'size is {"min_pixels":3}'],
    [{ size: 224, resample: 9 }, 'resample is 9; it is 0 to 5'],
    [{ size: 224, resample: 'bicubc' }, 'Did you mean bicubic?'],
    [{ size: 224, do_normalize: true }, 'image_mean is missing'],
    [{ do_center_crop: true }, 'crop_size is undefined'],
  ];
  for (const [config, message] of wrong) {
    it(`refuses ${JSON.stringify(config)}`, () => {
      expect(() => fromHuggingFace(config))
        .to.throw(message)
        .with.property('code', 'invalid-preprocess');
    });
  }
});
