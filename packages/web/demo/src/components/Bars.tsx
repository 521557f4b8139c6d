import type { Signal } from '@preact/signals';
import { choose } from '../state/actions.js';
import type { Answer } from '../state/ask.js';
import { choice } from '../state/desk.js';
import { askedPrediction } from '../state/likelihood.js';
import { askedIndex, naming } from '../state/question.js';
import { Bar } from './Bar.js';

/** Kinds of scores that are logits of classes; others are sums, boxes' scores, values. */
const ofLogits: ReadonlySet<string> = new Set(['softmax', 'multilabel', 'binary']);

/** The classes that a model puts first, and the ones that were asked about. */
export function Bars({
  answer,
  dragged,
  readOnly = false,
}: {
  readonly answer: Answer;
  /** The class whose bar is being dragged onto another one. */
  readonly dragged?: Signal<number | undefined>;
  readonly readOnly?: boolean;
}) {
  const { explanation, question } = answer;
  const { predictions } = explanation;
  const current = readOnly ? question.choice : choice.value;
  const asked = askedIndex(current, predictions);
  const other = current.kind === 'versus' ? current.other : undefined;
  const name = naming(question.explainer.model.labels);
  const largest = Math.max(...predictions.map(({ logit }) => Math.abs(logit)));
  const extra = askedPrediction(answer);
  // A detector may say a class of several places: the surest one stands for all, and the likely ones are counted.
  const first = predictions.filter(({ index }, i) => predictions.findIndex((one) => one.index === index) === i);
  const all = extra && !first.some(({ index }) => index === extra.index) ? [...first, extra] : first;
  const placesOf = (index: number): string => {
    const { length } = predictions.filter((one) => one.index === index && (one.probability ?? 1) >= 0.5);
    return length > 1 ? `, ${length} places` : '';
  };
  const { kind } = question.explainer.model.scores;
  return (
    <ul class="bars" aria-label={`Answers of ${question.model.title}`}>
      {all.map((prediction) => (
        <Bar
          key={prediction.index}
          prediction={prediction}
          name={`${prediction.label ?? name(prediction.index)}${placesOf(prediction.index)}`}
          unit={ofLogits.has(kind) ? 'logit' : 'score'}
          length={prediction.probability ?? (largest > 0 ? Math.abs(prediction.logit) / largest : 0)}
          role={
            readOnly ? 'shown' : prediction.index === asked ? 'asked' : prediction.index === other ? 'other' : 'free'
          }
          askedName={asked === undefined ? '' : name(asked)}
          dragged={dragged}
          onAsk={() => choose({ kind: 'class', index: prediction.index })}
          onVersus={(index, against) => choose({ kind: 'versus', index, other: against })}
          asked={asked}
        />
      ))}
    </ul>
  );
}
