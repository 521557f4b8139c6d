// What onnxruntime-web's builds of 1.30 throw, as they threw it in Chromium.
import { expect } from 'chai';
import { reasonOf, runtimeError } from '../../../packages/web/src/runtime/words.js';

const BUILD = '/mnt/azure_nvme_temp/_work/1/s/onnxruntime/core';

const thrown = {
  tooLargeOnWasm: `failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: ${BUILD}/common/safeint.h:17 static void SafeIntExceptionHandler<onnxruntime::OnnxRuntimeException>::SafeIntOnOverflow() Integer overflow\n`,
  tooLargeOnWebGpu: `failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: Non-zero status code returned while running Expand node. Name:'' Status Message: ${BUILD}/framework/op_kernel.cc:83 virtual OrtValue *onnxruntime::OpKernelContext::OutputMLValue(int, const TensorShape &) [ONNXRuntimeError] : 1 : FAIL : Calculation for Tensor storage size overflowed\n`,
  tooLargeForOneBuffer: `failed to call OrtRun(). ERROR_CODE: 1, ERROR_MESSAGE: WebGPU validation failed. Buffer size (2048000000) exceeds the max buffer size limit (1073741824).\n - While calling [Device].CreateBuffer([BufferDescriptor]).\n`,
  wrongShape: `failed to call OrtRun(). ERROR_CODE: 2, ERROR_MESSAGE: Non-zero status code returned while running Conv node. Name:'/conv/Conv' Status Message: Input channels C is not equal to kernel channels * group.`,
};

describe("onnxruntime-web's errors in words", () => {
  it('without the machine that it was built on', () => {
    expect(reasonOf(new Error(thrown.tooLargeOnWasm))).to.equal('Integer overflow');
    expect(reasonOf(new Error(thrown.tooLargeOnWebGpu))).to.equal(
      'Expand: Calculation for Tensor storage size overflowed',
    );
    expect(reasonOf(new Error(thrown.wrongShape))).to.equal(
      'Conv "/conv/Conv": Input channels C is not equal to kernel channels * group',
    );
  });

  it('a tensor that is too large is want of memory; a wrong shape is not', () => {
    const codeOf = (error: unknown) => runtimeError('run-failed', 'The model failed while it ran', error).code;
    for (const text of [thrown.tooLargeOnWasm, thrown.tooLargeOnWebGpu, thrown.tooLargeForOneBuffer])
      expect(codeOf(new Error(text))).to.equal('out-of-memory');
    expect(codeOf(new RangeError('Invalid typed array length: 4294967296'))).to.equal('out-of-memory');
    expect(codeOf(123456)).to.equal('out-of-memory');
    expect(codeOf(new Error(thrown.wrongShape))).to.equal('run-failed');
  });
});
