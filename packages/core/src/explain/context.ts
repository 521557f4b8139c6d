// What a method sees of one explanation: its parts are made when they are first asked for.
import { SaywhyError } from '../errors.js';
import { arrange } from '../layers/arrange.js';
import type { Features } from '../layers/features.js';
import { methods } from '../methods/index.js';
import type { Floats, MethodContext } from '../methods/method.js';
import { headWeights, type LinearHead } from '../model/head.js';
import { gradientKey, type Outcome } from '../sessions/work.js';
import type { ResolvedTarget } from '../targets/resolve.js';
import type { LayerInfo, Warning } from '../types.js';
import { channelsFirst, type Fed } from './feeds.js';
import type { PlannedMap } from './plan.js';

export interface ContextParts {
  readonly outcome: Outcome;
  readonly fed: Fed;
  readonly features: Features;
  readonly picture: string;
  readonly head: (layer: string) => LinearHead;
  readonly run: (target: ResolvedTarget, count: number, make: (index: number) => Float32Array) => Promise<number[]>;
  /** Hears why a map will be blank. */
  readonly zero: (reason: Warning) => unknown;
}

/** Makes contexts for one run, sharing what several maps use. */
export function contexts(parts: ContextParts) {
  const { outcome, fed, features, picture } = parts;
  const known = new Map<string, Floats>();
  const once = (key: string, make: () => Floats) => {
    const before = known.get(key);
    if (before) return before;
    const made = make();
    known.set(key, made);
    return made;
  };
  const arranged = (tensor: Floats, { layout, name, tensor: key }: LayerInfo) =>
    arrange(tensor, layout, features.grids.get(key), name, features.candidates);

  return (index: number, { method, layer, rulesName }: PlannedMap): MethodContext => {
    const target = outcome.targets[index]!;
    // A method of the user's own may write to what it gets, or give it away.
    const given = methods.includes(method) ? (tensor: Floats) => tensor : copyOf;
    const gradient = (rules: string, tensor: string) => {
      const found = outcome.gradients[index]!.get(gradientKey(rules, tensor));
      if (!found) throw undeclared('gradients');
      return found;
    };
    /** A gradient of zeros makes a blank map, which would say nothing about why. */
    const told = (found: Floats, whole = found) => {
      if (found.data.every((value) => value === 0)) parts.zero(zeroGradient(whole, layer, features, target));
      return given(found);
    };
    return {
      get activations() {
        const tensor = layer && outcome.activations.get(layer.tensor);
        if (!tensor) throw undeclared('activations');
        return given(once(`activation|${layer.tensor}`, () => arranged(tensor, layer)));
      },
      get gradients() {
        if (!layer) throw undeclared('gradients');
        const whole = gradient('', layer.tensor);
        return told(
          once(`gradient|${layer.tensor}|${index}`, () => arranged(whole, layer)),
          whole,
        );
      },
      get input() {
        return given(once('input', () => channelsFirst(fed.values(), fed)));
      },
      get inputGradients() {
        const found = once(`input|${rulesName}|${index}`, () => channelsFirst(gradient(rulesName, picture).data, fed));
        return rulesName === '' ? told(found) : given(found);
      },
      get head() {
        if (!layer) throw undeclared('head');
        return headWeights(parts.head(layer.tensor), target.cotangent);
      },
      value: target.info.value,
      run: (count, make) => parts.run(target, count, make),
    };
  };
}

function copyOf({ data, shape }: Floats): Floats {
  return { data: data.slice(), shape: [...shape] };
}

function undeclared(need: string): SaywhyError {
  return new SaywhyError('invalid-method', `A method that uses \`${need}\` names it in its \`needs\`.`);
}

function zeroGradient(
  whole: Floats,
  layer: LayerInfo | undefined,
  features: Features,
  target: ResolvedTarget,
): Warning {
  const where = layer ? `the layer "${layer.name}"` : 'the picture';
  const reason = whole.data.some((value) => value !== 0)
    ? 'after it only the class token counts, and the patches have no gradient'
    : 'its gradient is zero everywhere, and a map would be blank';
  const better = layer && features.auto?.tensor !== layer.tensor ? features.auto?.name : undefined;
  const advice = better
    ? `Explain "${better}" instead.`
    : 'Explain an earlier layer or another target; where a probability is saturated, explain the logit.';
  return {
    code: 'zero-gradient',
    message: `"${target.info.text}" does not depend on ${where} at this picture: ${reason}. ${advice}`,
  };
}
