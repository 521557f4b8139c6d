// What Ultralytics' exporters say of a YOLO or an RT-DETR in the file itself, in Python's notation: names of classes, the task, the size of pictures.
import { inferTensors, type Model, type Shape } from '@saywhy/autodiff';
import type { Preprocess, PreprocessStep } from '../images/preprocess-spec.js';
import type { Detection, ScoreKind } from '../types.js';
import { isNumbered, isYolo } from './detection.js';
import { guessPreprocess } from './inputs.js';

export interface UltralyticsFacts {
  readonly taskKind?: ScoreKind;
  readonly labels?: readonly string[];
  readonly preprocess?: Preprocess;
  readonly detection?: Partial<Detection>;
}

/** Nothing of other files. Seen in what ultralytics 8 writes of YOLOv3 to YOLO26 and of RT-DETR; YOLOv5's own repository says less. */
export function readUltralytics(model: Model): UltralyticsFacts {
  const said = (key: string) => model.metadata.get(key) ?? '';
  if (!said('names') || !said('stride')) return {};
  const tensors = inferTensors(model);
  const [input = [], output = []] = [model.graph.inputs, model.graph.outputs].map(
    ([first]) => tensors.get(first?.name ?? '')?.shape,
  );
  const isTransformer = /^RTDETR|^Ultralytics rt-?detr/i.test(said('head') || said('description'));
  const labels = namesIn(said('names'));
  // YOLOv5's own repository tells no task.
  const task = said('task') || (isYolo(output, { shape: input }) ? 'detect' : '');
  // The input may have been given another size after the export.
  const own = input.slice(2);
  const sides = own.every(Number) ? own : (said('imgsz').match(/\d+/g) ?? []);
  const preprocess = preprocessOf(task, sides.map(Number), isTransformer, input);
  const facts = { ...(labels && { labels }), ...(preprocess && { preprocess }) };
  if (!/^(detect|segment|pose|obb)$/.test(task)) return facts;
  const isSuppressed =
    said('end2end') === 'True' || /'nms': True/.test(said('args')) || isNumbered(model, model.graph.outputs[0]!.name);
  const detection: Partial<Detection> = isTransformer
    ? { format: 'cxcywh', unit: 'share', candidates: 'rows' }
    : isSuppressed
      ? { classAt: 5, ...(task === 'obb' && { format: 'cxcywh' }) }
      : { ...(said('author') && { candidates: 'columns' }) };
  return { ...facts, taskKind: 'detection', detection: { ...detection, ...(labels && { classes: labels.length }) } };
}

/** Colours from 0 to 1, whatever the task. YOLOv5's classifiers, which tell no task, were trained otherwise. */
function preprocessOf(
  task: string,
  [height = 0, width = height]: readonly number[],
  isTransformer: boolean,
  shape: Shape,
): Preprocess | undefined {
  const guess = guessPreprocess({ shape });
  if (!guess || !task || !(height > 0 && width > 0)) return undefined;
  const size = [height, width] as const;
  const fitted: PreprocessStep[] =
    task === 'classify'
      ? [{ resize: height === width ? { shortest: height } : { size } }, { crop: size }]
      : isTransformer
        ? [{ resize: { size } }]
        : [{ resize: { within: size } }, { pad: { size, value: 114 } }];
  return { ...guess, steps: [...fitted, { rescale: 1 / 255 }] };
}

/** Longer texts are no names. */
const LONGEST = 2 ** 20;

/** The texts of a Python dict `{0: 'person', 1: "driver's seat"}`, by their numbers, or of a list. */
function namesIn(text: string): string[] | undefined {
  if (text.length > LONGEST) return undefined;
  // Sticky: each begins where the last one ended, so that a text that is something else costs no more than its length.
  const entry = /[[{,\s]*(?:(\d+)\s*:\s*)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/y;
  const names: string[] = [];
  let end = 0;
  for (let found = entry.exec(text); found; found = entry.exec(text)) {
    const [, number, single, double] = found;
    names[Number(number ?? names.length)] = (single ?? double)!.replace(/\\(.)/g, '$1');
    end = entry.lastIndex;
  }
  const isWhole = /^[,\s]*[\]}]\s*$/.test(text.slice(end)) && Object.keys(names).length === names.length;
  return isWhole && end > 0 ? names : undefined;
}
