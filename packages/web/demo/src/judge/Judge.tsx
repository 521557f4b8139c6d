import { useEffect } from 'preact/hooks';
import '../../styles/judge.css';
import { Start } from './Start.js';
import { stage } from './session.js';
import { Tally } from './Tally.js';
import { TrialView } from './TrialView.js';

/** The paper's study of people, in small: do maps tell what a model saw, and whether it is to be trusted? */
export function Judge() {
  useEffect(() => {
    document.title = 'Judge the maps – saywhy';
  }, []);
  const { value } = stage;
  return (
    <div class="judge">
      {(value.kind === 'start' || value.kind === 'preparing') && <Start stage={value} />}
      {value.kind === 'asking' && <TrialView stage={value} />}
      {value.kind === 'done' && <Tally />}
    </div>
  );
}
