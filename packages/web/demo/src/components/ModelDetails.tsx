import type { Explanation } from '@saywhy/core';
import { megabytes, plural } from '@saywhy/core/words';
import type { DeviceChoice } from '../state/engine.js';
import { explainerOf, type ModelEntry, reopen } from '../state/models.js';
import { FileButton } from './FileButton.js';
import { Preprocessing } from './Preprocessing.js';

const sources: Readonly<Record<string, string>> = {
  option: 'as you said',
  metadata: 'from the model’s file',
  graph: 'from the graph',
  guess: 'a guess',
};

/** The model describes itself: what it takes, what can be asked of it, where it runs, and how it sees pictures. */
export function ModelDetails({
  entry,
  explanation,
}: {
  readonly entry: ModelEntry | undefined;
  /** Its last one. */
  readonly explanation: Explanation | undefined;
}) {
  const explainer = explainerOf(entry);
  if (!entry || !explainer) return null;
  const { inputs, scores, labels, layers, methods, withoutDerivative } = explainer.model;
  const { provenance, warnings } = explanation ?? {};
  const skipped = warnings?.filter(({ code }) => code === 'device-skipped') ?? [];
  const threads = crossOriginIsolated ? '' : ', on one thread: this page is not cross-origin isolated';
  return (
    <section class="details" aria-labelledby="about-model">
      <h2 id="about-model">This model</h2>
      <div class="details-columns">
        <dl>
          <dt>Name</dt>
          <dd>
            {entry.title}, {megabytes(entry.bytes)} MB
            {entry.facts && <span class="quiet"> {entry.facts}</span>}
          </dd>
          <dt>Input</dt>
          <dd class="numbers">
            {inputs.map(({ name, type, shape }) => `${name}: ${type} [${shape.join(', ')}]`).join('; ')}
          </dd>
          <dt>Scores</dt>
          <dd>
            {scores.tensor} [{scores.shape.join(', ')}], {scores.kind}, {sources[scores.kindFrom]}
          </dd>
          <dt>Labels</dt>
          <dd>
            {labels
              ? `${labels.length}: ${labels.slice(0, 3).join(', ')}, …`
              : 'not known: classes are told by their index'}{' '}
            <FileButton place="model" className="link" accept=".txt,.json">
              Give labels…
            </FileButton>
          </dd>
          <dt>Can be explained</dt>
          <dd>
            {plural(layers.length, 'layer')}, {plural(methods.length, 'method')}
            {withoutDerivative.length > 0 && `; no derivative: ${withoutDerivative.join(', ')}`}
          </dd>
          <dt id="about-device" tabIndex={-1}>
            Device
          </dt>
          <dd>
            <select
              class="select"
              aria-label="Device"
              value={entry.options.value.device ?? 'auto'}
              onChange={({ currentTarget }) =>
                reopen(entry, { ...entry.options.peek(), device: currentTarget.value as DeviceChoice })
              }
            >
              <option value="auto">choose for me</option>
              <option value="webgpu">graphics processor (WebGPU)</option>
              <option value="wasm">processor (WebAssembly)</option>
            </select>
            <p class="quiet small">
              It runs on {explainer.device === 'webgpu' ? 'the graphics processor' : `the processor${threads}`}.
              {/* What a program would be told to do is done by the choice above. */}
              {skipped.map(({ message }) => ` ${message.replace(/ Use \{.*$/, '')}`)}
            </p>
          </dd>
          {provenance?.model.sha256 && (
            <>
              <dt>SHA-256</dt>
              <dd>
                <code>{provenance.model.sha256}</code>
              </dd>
            </>
          )}
          {provenance && (
            <>
              <dt>Versions</dt>
              <dd>
                {Object.entries(provenance.versions)
                  .map(([name, version]) => `${name} ${version}`)
                  .join(', ')}
              </dd>
            </>
          )}
        </dl>
        <Preprocessing entry={entry} info={explainer.model} />
      </div>
    </section>
  );
}
