import { createHash } from 'node:crypto';
import { decodeNpy, encodeNpy } from '@saywhy/node';
import { expect } from 'chai';
import fc from 'fast-check';

/** numpy.save of numpy.array([[1.5, -2.25, 0], [3e-3, inf, 1e30]], float32), numpy 2.4. */
const golden =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAQwAAAAACmm0Q7AACAf8rySXE=';

/** Shape, length and SHA-256 (first 16 digits) of what numpy.save wrote for numpy.arange(n, dtype=float32). */
const hashes: readonly (readonly [shape: number[], bytes: number, sha256: string])[] = [
  [[3], 140, 'c03d6ae57a2a6e07'],
  [[], 132, '25b1313316fef127'],
  [[1], 132, '579f4fc9e240b80a'],
  [[2, 3, 4], 224, '9a5dcbe87237f495'],
  [[7, 7], 324, 'fc5600b3a819d893'],
  [[224, 224], 200_832, '835d2d292cd3b19e'],
  [[3, 224, 224], 602_240, '3759073190620d24'],
  [[1, 2, ...Array<number>(22).fill(1)], 200, '1922747b0b888da4'],
];

describe('npy files', () => {
  it('are what numpy writes, byte for byte', () => {
    const data = new Float32Array([1.5, -2.25, 0, 3e-3, Number.POSITIVE_INFINITY, 1e30]);
    expect(Buffer.from(encodeNpy({ data, shape: [2, 3] })).toString('base64')).to.equal(golden);
    for (const [shape, bytes, sha256] of hashes) {
      const count = shape.reduce((product, size) => product * size, 1);
      const file = encodeNpy({ data: Float32Array.from({ length: count }, (_, i) => i), shape });
      expect(file.length, String(shape)).to.equal(bytes);
      expect(createHash('sha256').update(file).digest('hex').slice(0, 16), String(shape)).to.equal(sha256);
    }
  });

  it('read what numpy wrote', () => {
    const { data, shape } = decodeNpy(Buffer.from(golden, 'base64'));
    expect(shape).to.deep.equal([2, 3]);
    expect([...data]).to.deep.equal([1.5, -2.25, 0, Math.fround(3e-3), Number.POSITIVE_INFINITY, Math.fround(1e30)]);
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 5 }), (shape) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const data = Float32Array.from({ length: count }, (_, i) => Math.sin(i) * 10 ** ((i % 60) - 30));
        expect(decodeNpy(encodeNpy({ data, shape }))).to.deep.equal({ data, shape });
      }),
    );
  });

  it('refuse a shape that does not fit, and files of another kind', () => {
    const code = (work: () => unknown): string => {
      try {
        work();
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'none';
    };
    expect(code(() => encodeNpy({ data: new Float32Array(5), shape: [2, 3] }))).to.equal('shape-mismatch');
    const bytes = Buffer.from(golden, 'base64');
    expect(code(() => decodeNpy(bytes.subarray(0, -1)))).to.equal('invalid-npy');
    expect(code(() => decodeNpy(Buffer.from('no array at all')))).to.equal('invalid-npy');
    expect(code(() => decodeNpy(Buffer.from(bytes.toString('latin1').replace('<f4', '<f8'), 'latin1')))).to.equal(
      'invalid-npy',
    );
  });
});
