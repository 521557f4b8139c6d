import { expect } from 'chai';
import { launch, type Server, serve } from '../../support/browsers/index.js';

describe('WebGPU in Chromium, as the tests drive it', () => {
  let server: Server;
  before(async () => {
    server = await serve({ files: { '/index.html': '<!doctype html><title>WebGPU</title>' } });
  });
  after(() => server.close());

  for (const webgpu of [true, false]) {
    it(`is ${webgpu ? 'there when asked for' : 'not there otherwise'}`, async function () {
      this.timeout(60_000);
      const browser = await launch('chromium', { webgpu });
      try {
        const page = await browser.open(server.origin);
        expect(await page.evaluate(double, [1, 2.5, -3])).to.deep.equal(webgpu ? [2, 5, -6] : undefined);
        await page.close();
      } finally {
        await browser.close();
      }
    });
  }
});

/** Doubles numbers on the GPU; gives nothing where there is none. Runs in the page. */
async function double(numbers: readonly number[]): Promise<number[] | undefined> {
  const adapter = await navigator.gpu?.requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) return undefined;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = numbers.length * 4;
  const values = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  const result = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(values, 0, Float32Array.from(numbers));
  const code = `@group(0) @binding(0) var<storage, read_write> values: array<f32>;
    @compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) { values[id.x] *= 2; }`;
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const entries = [{ binding: 0, resource: { buffer: values } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(numbers.length);
  pass.end();
  encoder.copyBufferToBuffer(values, 0, result, 0, size);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  return [...new Float32Array(result.getMappedRange())];
}
