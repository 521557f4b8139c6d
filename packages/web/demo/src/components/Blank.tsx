import { firstName, number } from '@saywhy/core/words';
import { isConstant } from '../drawing/heat.js';
import { chooseEvidence, chooseLayer, chooseMethod } from '../state/actions.js';
import { main } from '../state/desk.js';
import { recordOf } from '../state/methods.js';
import { hasSides } from '../state/question.js';

/** Why a map is blank, and what to do about it. */
export function Blank() {
  const answer = main.answer.value;
  if (!answer || !isConstant(answer.map)) return null;
  const { map, question } = answer;
  const { evidence, explainer, method } = question;
  const auto = explainer.model.layer;
  const sides = hasSides(recordOf(method));
  const why =
    map.range[1] === 0
      ? `nothing in the layer ${map.layer.name} speaks ${evidence === 'against' ? 'against' : 'for'} ${firstName(map.target.label ?? map.target.text)}`
      : `every place has the same value, ${number(map.range[1])}`;
  return (
    <div class="problem" role="status">
      <p>The map is blank: {why}.</p>
      <p class="problem-foot">
        {sides && evidence !== 'both' && (
          <button type="button" class="button" onClick={() => chooseEvidence('both')}>
            Show what speaks against it too
          </button>
        )}
        {auto && auto.name !== map.layer.name && (
          <button type="button" class="button" onClick={() => chooseLayer('auto')}>
            Use the layer {auto.name}
          </button>
        )}
        {method !== 'grad-cam' && explainer.model.methods.includes('grad-cam') && (
          <button type="button" class="button" onClick={() => chooseMethod('grad-cam')}>
            Use Grad-CAM
          </button>
        )}
      </p>
    </div>
  );
}
