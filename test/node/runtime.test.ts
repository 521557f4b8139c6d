import { onnxruntimeNode, SaywhyError } from '@saywhy/node';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { errorOf } from '../support/errors.js';
import { buildModel } from '../support/model.js';

const model = buildModel({
  opset: 13,
  inputs: [{ name: 'x', shape: ['n'] }],
  outputs: [{ name: 'y' }],
  nodes: [{ op: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
});

describe('the runtime onnxruntime-node', () => {
  it('has a name and a version', () => {
    expect(onnxruntimeNode.name).to.equal('onnxruntime-node');
    expect(onnxruntimeNode.version).to.match(/^\d+\.\d+\.\d+/);
  });

  it('offers the CPU everywhere, and of the others those that start', async () => {
    const devices = await onnxruntimeNode.devices();
    expect(devices).to.include('cpu');
    for (const device of ['cuda', 'webgpu']) {
      const error = await errorOf(async () => {
        const session = await onnxruntimeNode.createSession({ bytes: model }, { device });
        const { y } = await session.run({ x: new ort.Tensor('float32', [1, 2], [2]) });
        expect([...(y!.data as Float32Array)]).to.deep.equal([2, 4]);
        await session.release();
      });
      if (devices.includes(device)) expect(error).to.equal('no error');
      else expect(error).to.match(new RegExp(`^device-unavailable: Device "${device}" cannot be used: .{20,}`));
    }
  });

  it('refuses a device that does not exist, naming those that do', async () => {
    const error = await errorOf(() => onnxruntimeNode.createSession({ bytes: model }, { device: 'cudda' }));
    expect(error).to.match(
      /^unknown-device: Unknown device "cudda"\. Did you mean cuda\? Use one of: auto, cpu, cuda, webgpu\.$/,
    );
  });

  it('gives what is asked for, with as many threads as asked for', async () => {
    const session = await onnxruntimeNode.createSession({ bytes: model }, { device: 'cpu', threads: 1 });
    const { y } = await session.run({ x: new ort.Tensor('float32', [1, -2, 3], [3]) }, ['y']);
    expect([...(y!.data as Float32Array)]).to.deep.equal([2, -4, 6]);
    await session.release();
  });

  it('wraps what the runtime throws', async () => {
    const session = await onnxruntimeNode.createSession({ bytes: model }, { device: 'cpu' });
    const wrong = await errorOf(() => session.run({ x: new ort.Tensor('float32', [1, 2], [1, 2]) }));
    expect(wrong).to.match(/^run-failed: The model failed while it ran: .{10,}/);
    await session.release();
    try {
      await onnxruntimeNode.createSession({ bytes: model.slice(0, 20) }, { device: 'cpu' });
      expect.fail('It was loaded.');
    } catch (error) {
      expect(error).to.be.instanceOf(SaywhyError);
      expect((error as SaywhyError).code).to.equal('session-failed');
      expect((error as SaywhyError).cause).to.be.instanceOf(Error);
    }
  });
});
