import { ProblemNote } from '../components/ProblemNote.js';
import { recordOf } from '../state/methods.js';
import { saveStudy } from './file.js';
import type { Study } from './plan.js';
import { again, answers, plan, rows, studied, study } from './session.js';
import type { Row } from './tally.js';

/** What the paper's own people answered (Selvaraju et al., 2016): 43 workers, 90 pairs of pictures; 54 workers. */
const paper: Readonly<Record<Study, Readonly<Record<string, string>>>> = {
  discrimination: {
    'guided-backprop': '44.44\u00a0%',
    'guided-grad-cam': '61.23\u00a0%',
    deconvnet: '53.33\u00a0%',
    'deconv-grad-cam': '60.37\u00a0%',
  },
  trust: { 'guided-backprop': '+1.00', 'guided-grad-cam': '+1.27' },
};

/** What came of it, method by method. */
export function Tally() {
  const isTrust = study.value === 'trust';
  const [small, better] = studied();
  return (
    <>
      <div class="headline">
        <h1>{isTrust ? 'Whom you trusted' : 'What you could tell'}</h1>
        <p class="lead numbers">
          {answers.value.length} of {plan.value.length} answered.{' '}
          {isTrust
            ? `Positive scores favour ${better?.title}, which is right more often than ${small?.title}: from −2 to +2.`
            : 'Guessing is right half of the time.'}
        </p>
      </div>
      <div class="card judge-tally">
        <table>
          <thead>
            <tr>
              <th scope="col">Method</th>
              <th scope="col">{isTrust ? 'Mean score' : 'Right'}</th>
              <th scope="col">95 % lie within</th>
              <th scope="col">Paper</th>
            </tr>
          </thead>
          <tbody class="numbers">
            {rows.value.map((row) => (
              <tr key={row.method}>
                <th scope="row">{recordOf(row.method).title}</th>
                <td>{isTrust ? `${signed(row.mean)} of ${row.asked}` : rightOf(row)}</td>
                <td>{row.interval ? intervalOf(row.interval, isTrust) : '–'}</td>
                <td>{paper[study.value][row.method] ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="small quiet">
          {isTrust
            ? 'The paper compared VGG-16 with AlexNet, and counted the mean of many people.'
            : 'The paper’s people saw photographs with two kinds of things; yours were put together from two.'}{' '}
          So few answers say little: the interval says how little.
        </p>
        <div class="row">
          <button type="button" class="button button-strong" onClick={saveStudy}>
            Save as JSON
          </button>
          <button type="button" class="button" onClick={again}>
            Another study
          </button>
        </div>
        <ProblemNote place="study" />
      </div>
    </>
  );
}

const percent = (share: number): string => `${Math.round(100 * share)}\u00a0%`;

const rightOf = ({ right = 0, asked, mean }: Row): string => `${right} of ${asked} (${percent(mean)})`;

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;

const intervalOf = ([low, high]: readonly [number, number], isTrust: boolean): string =>
  isTrust ? `${signed(low)} to ${signed(high)}` : `${percent(low)} to ${percent(high)}`;
