import { Bar } from '../components/Bar.js';
import { type Asked, pick } from './asking.js';

/** What the model holds likely; each can be asked about. */
export function AnswerBars({ answer: { explanation, map } }: { readonly answer: Asked }) {
  return (
    <ul class="bars" aria-label="Answers">
      {explanation.predictions.map((prediction) => (
        <Bar
          key={prediction.index}
          prediction={prediction}
          name={prediction.label ?? `answer ${prediction.index}`}
          unit="logit"
          length={prediction.probability ?? 0}
          role={prediction.index === map.target.index ? 'asked' : 'free'}
          asked={undefined}
          askedName=""
          dragged={undefined}
          onAsk={() => pick(prediction.index)}
          onVersus={() => undefined}
        />
      ))}
    </ul>
  );
}
