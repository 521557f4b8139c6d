// What changed between versions of operators that their signatures alone do not tell.
import type { AttributeValue } from '../model/types.js';

/** Attributes that became inputs under another name: input, then attribute. */
export const renamedAttributes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Pad: { constant_value: 'value' },
  TopK: { K: 'k' },
};

/** What an operator did before it had the attribute, where that is not the attribute's default now. */
export const impliedAttributes: Readonly<Record<string, Readonly<Record<string, AttributeValue>>>> = {
  Resize: { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  RoiAlign: { coordinate_transformation_mode: 'output_half_pixel' },
};

/** Values that were renamed: what they are called now, then what they were called while the old default stood. */
const renamedValues: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  GridSample: { mode: { linear: 'bilinear', cubic: 'bicubic' } },
};

/** A value by its name in the newest version. */
export function modernValue(opType: string, attribute: string, value: AttributeValue): AttributeValue {
  const names = Object.entries(renamedValues[opType]?.[attribute] ?? {});
  return names.find(([, old]) => old === value)?.[0] ?? value;
}

/** A value by the name that it had in a version with a given default. */
export function formerValue(
  opType: string,
  attribute: string,
  value: AttributeValue,
  byDefault: AttributeValue,
): AttributeValue {
  const names = renamedValues[opType]?.[attribute] ?? {};
  const isOld = typeof byDefault === 'string' && Object.values(names).includes(byDefault);
  return isOld && typeof value === 'string' ? (names[value] ?? value) : value;
}

/** Bounds of an old Clip that stand for "no bound". */
export function isNoBound(opType: string, value: AttributeValue): boolean {
  return opType === 'Clip' && typeof value === 'number' && Math.abs(value) > 3.4028234e38;
}
