// What Ultralytics' exporters say of a YOLO or an RT-DETR in the file itself, in Python's notation: names of classes, the task, the size of pictures.
import { inferTensors, type Model } from '@saywhy/autodiff';
import type { Channels, Preprocess, PreprocessStep } from '../images/preprocess-spec.js';
import type { Detection, ScoreKind } from '../types.js';
import { isNumbered } from './detection.js';

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
  const [input = '', output = ''] = [model.graph.inputs, model.graph.outputs].map(([first]) => first?.name);
  const tensors = inferTensors(model);
  const isTransformer = /rt-?detr/i.test(said('head') + said('description'));
  const labels = namesIn(said('names'));
  const isV5 = labels && tensors.get(output)?.shape?.[2] === labels.length + 5;
  const task = said('task') || (isV5 ? 'detect' : '');
  const [, channels = 3, ...own] = tensors.get(input)?.shape ?? [];
  // The input may have been given another size after the export.
  const sides = own.every(Number) ? own : (said('imgsz').match(/\d+/g) ?? []).map(Number);
  const fits = channels === 3 || channels === 1;
  const preprocess = fits ? preprocessOf(task, sides, isTransformer, channels === 1 ? 'GRAY' : 'RGB') : undefined;
  const boxes = /^(detect|segment|pose|obb)$/.test(task);
  return {
    ...(boxes && { taskKind: 'detection' as const }),
    ...(labels && { labels }),
    ...(preprocess && { preprocess }),
    ...(boxes && { detection: isTransformer ? transformer : boxesOf(model, output, task, said) }),
  };
}

const transformer: Partial<Detection> = { format: 'cxcywh', unit: 'share' };

/** What is left after suppression, each of one class; or all candidates, one a column. YOLOv5's own repository writes rows with an objectness. */
function boxesOf(model: Model, output: string, task: string, said: (key: string) => string): Partial<Detection> {
  const isSuppressed = said('end2end') === 'True' || /'nms': True/.test(said('args')) || isNumbered(model, output);
  if (isSuppressed) return { classAt: 5, ...(task === 'obb' && { format: 'cxcywh' }) };
  return said('author') ? { candidates: 'columns' } : {};
}

/** Colours from 0 to 1, whatever the task. YOLOv5's classifiers, which tell no task, were trained otherwise. */
function preprocessOf(
  task: string,
  sides: readonly (number | string)[],
  isTransformer: boolean,
  channels: Channels,
): Preprocess | undefined {
  const [height, width = height] = sides;
  if (!task || !(Number(height) > 0) || !(Number(width) > 0)) return undefined;
  const size = [Number(height), Number(width)] as const;
  const fitted: PreprocessStep[] =
    task === 'classify'
      ? [{ resize: size[0] === size[1] ? { shortest: size[0] } : { size } }, { crop: size }]
      : isTransformer
        ? [{ resize: { size } }]
        : [{ resize: { within: size } }, { pad: { size, value: 114 } }];
  return { channels, layout: 'NCHW', steps: [...fitted, { rescale: 1 / 255 }] };
}

/** The texts of a Python dict `{0: 'person', 1: "driver's seat"}`, by their numbers, or of a list. */
function namesIn(text: string): string[] | undefined {
  const isList = text.startsWith('[');
  const found = [...text.matchAll(/(?:(\d+)\s*:\s*)?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g)];
  const names: string[] = [];
  for (const [, number, name] of found)
    names[isList ? names.length : Number(number)] = name!.slice(1, -1).replace(/\\(.)/g, '$1');
  return Object.keys(names).length === names.length && names.length > 0 ? names : undefined;
}
