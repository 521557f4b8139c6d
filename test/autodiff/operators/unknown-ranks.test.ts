// Files need not say how many axes a tensor has: every record then differentiates all the same, or says which tensor it is that it does not know.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  differentiableTensors,
  differentiate,
  type Model,
  parseModel,
  SaywhyError,
  writeModel,
} from '@saywhy/autodiff';
import { expect } from 'chai';
import { ModelProtoSchema } from 'onnx-buf';
import { modelOf } from '../../support/call-models.js';
import { operatorCalls } from '../../support/operator-calls.js';

/** The model without the shapes of some of its inputs. */
function withoutShapes(model: Model, isUnknown: (name: string) => boolean): Model {
  const proto = fromBinary(ModelProtoSchema, writeModel(model));
  for (const { name, type } of proto.graph!.input)
    if (type?.value.case === 'tensorType' && isUnknown(name)) type.value.value.shape = undefined;
  return parseModel(toBinary(ModelProtoSchema, proto));
}

describe('records, where the rank of an input is not known', () => {
  for (const opset of [9, 13, 21])
    it(`opset ${opset}: differentiate, or refuse for a stated reason`, function () {
      this.timeout(60_000);
      const wrong: string[] = [];
      for (const [op, calls] of Object.entries(operatorCalls))
        for (const call of calls) {
          const model = modelOf(op, call, opset, false);
          const names = model?.graph.inputs.map(({ name }) => name) ?? [];
          for (const unknown of model ? ['', ...names] : []) {
            const bare = withoutShapes(model!, (name) => unknown === '' || name === unknown);
            for (const wrt of names)
              try {
                differentiate(bare, { of: 'score', wrt: [wrt] });
              } catch (error) {
                const isClear = error instanceof SaywhyError && !error.message.includes('cannot be understood');
                const isPromised = differentiableTensors(bare, 'score').has(wrt);
                const isOld = error instanceof SaywhyError && error.code === 'opset-too-old';
                const what = error instanceof Error ? error.message : String(error);
                if (!isClear || (isPromised && !isOld && !what.includes('"backward/')))
                  wrong.push(`${op} by ${wrt}, without the rank of ${unknown || 'all'}: ${what.slice(0, 300)}`);
              }
          }
        }
      expect(wrong.join('\n')).to.equal('');
    });
});
