// Loads models in onnxruntime on behalf of another process: what is wrong with them can take the process down.
import * as ort from 'onnxruntime-node';

process.on('message', async (bytes: Uint8Array) => {
  try {
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
    await session.release();
    process.send!('');
  } catch (error) {
    process.send!(error instanceof Error ? error.message : String(error));
  }
});
