import type { GraphProto } from 'onnx-buf';
import type { Builder } from '../builder/builder.js';
import type { Attributes, AttributeValue, DataType, Dimension, Shape, TensorType } from '../model/types.js';
import type { contribSchemas } from '../schema/contrib.js';
import type { operatorSchemas } from '../schema/operators.js';

/** A tensor as rules see it: what is known of its type and shape, and its elements where they are known before run time. */
export interface Tensor extends TensorType {
  /** Its name in the graph; `''` for a constant that no node uses yet. */
  readonly name: string;
  /** Elements, row by row, of small constants; a string is a dimension that is settled at run time. */
  readonly value?: readonly Dimension[] | undefined;
}

type Schemas = typeof operatorSchemas & typeof contribSchemas;
export type OperatorName = keyof Schemas;
/** The operators that rules may emit: onnxruntime's own are read only. */
export type StandardName = keyof typeof operatorSchemas;
type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;
type Newest<K extends OperatorName> = Last<Schemas[K]['signatures']>;
type FormalInputs<K extends OperatorName> =
  Newest<K> extends { inputs: readonly (infer N extends string)[] } ? N : never;
type AttributeSchemas<K extends OperatorName> = Newest<K> extends { attributes: infer A } ? A : never;

type Kinds = {
  float: number;
  int: number;
  string: string;
  floats: readonly number[];
  ints: readonly number[];
  strings: readonly string[];
  graph: GraphProto;
};
type Kind<T> = T extends keyof Kinds ? Kinds[T] : AttributeValue;

/** The attributes of an operator, by its newest schema, defaults filled in. */
export type AttributesOf<K extends OperatorName> = {
  readonly [A in keyof AttributeSchemas<K>]: AttributeSchemas<K>[A] extends readonly [infer T, unknown]
    ? Kind<T>
    : AttributeSchemas<K>[A] extends readonly [infer T]
      ? Kind<T> | undefined
      : never;
};

type Required<N> = N extends `${string}?` | `${string}...` ? never : N;
type Optional<N> = N extends `${infer Name}?` ? Name : never;
type Variadic<N> = N extends `${infer Name}...` ? Name : never;

/** The inputs of an operator under their formal names. The inputs of a variadic one are in `inputs`. */
export type InputsOf<K extends OperatorName> = { readonly [N in Required<FormalInputs<K>> & string]: Tensor } & {
  readonly [N in Optional<FormalInputs<K>> & string]: Tensor | undefined;
};
export type FormalName<K extends OperatorName> = (
  | Required<FormalInputs<K>>
  | Optional<FormalInputs<K>>
  | Variadic<FormalInputs<K>>
) &
  string;

/** One use of an operator, whatever version it was written for: its newest signature, with attributes that became inputs given as inputs. */
export type Call<K extends OperatorName> = InputsOf<K> & {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: AttributesOf<K>;
  /** The standard operator set's version: only for the few operators whose meaning changed (Softmax at 13). */
  readonly opset: number;
  /** How many outputs the node has. */
  readonly outputCount: number;
};

/** What a gradient rule sees besides its call. */
export type Backward<K extends OperatorName> = Call<K> & BackwardParts;

interface BackwardParts {
  /** The cotangent: of the first output that has one. Where several can have one, see `cotangents`. */
  readonly g: Tensor;
  /** The first output. */
  readonly y: Tensor;
  /** Every output. */
  readonly outputs: readonly Tensor[];
  /** The cotangent of each output, undefined for one that the score does not depend on. */
  readonly cotangents: readonly (Tensor | undefined)[];
  /** Position among `inputs` of the one whose cotangent is wanted: for variadic operators. */
  readonly index: number;
  readonly b: Builder;
}

export type Rule<K extends OperatorName> = (call: Backward<K>) => Tensor;

/**
 * All that the engine knows of one operator. A dimension `'?'` in a shape is one that cannot be told; a shape of undefined, a rank that cannot.
 *
 * The ways to say no:
 *
 * | In the record        | It means                                                         | A gradient that would pass                           |
 * |----------------------|------------------------------------------------------------------|------------------------------------------------------|
 * | `grad: 'none'`       | no input moves the output smoothly                               | ends here; `not-differentiable` if no way leads on   |
 * | no entry in `grad`   | this input does not; others do                                   | the same                                             |
 * | `unsupported`        | a derivative, but no rule for this use (an attribute, a size)    | is refused: `no-rule`, with the reason               |
 * | `refused`            | a derivative, but no rule for any use                            | is refused: `no-rule`, with the reason               |
 * | no record            | the operator is not known, nor are the shapes behind it          | is refused: `no-rule`, with the operator's name      |
 */
export interface Operator<K extends OperatorName> {
  /** The shape of the first output, or, where a node can have several that matter, of each. */
  readonly shape?: (call: Call<K>) => Shape | undefined | readonly (Shape | undefined)[];
  /** The type of the first output; absent: that of the first input. */
  readonly type?: (call: Call<K>) => DataType | readonly DataType[];
  /** The elements of the output where they follow from known ones: for what shapes are computed from. */
  readonly value?: (call: Call<K>) => readonly Dimension[] | undefined;
  /**
   * For each formal input that has a derivative, the cotangent of that input. It may still have the output's broadcast shape: the accumulator sums
   * it back.
   */
  readonly grad?: { readonly [N in FormalName<K>]?: Rule<K> } | 'none';
  /** The operator in terms of simpler ones, whose rules then serve. */
  readonly lower?: (call: Call<K> & { readonly b: Builder }) => Tensor | readonly (Tensor | undefined)[];
  /** Why this use of the operator cannot be differentiated, or undefined where it can. */
  readonly unsupported?: (call: Call<K>) => string | undefined;
  /** What the derivative is where the function has none, in a line: PyTorch's convention. */
  readonly kink?: string;
  /** A pointwise activation function: guided backpropagation changes its rule. */
  readonly activation?: true;
  /** Why it has no rule although it has a derivative. */
  readonly refused?: string;
  /** Holds graphs, which the walk goes through. */
  readonly holdsGraphs?: true;
  /** Rounds real numbers to integers that stand for them: gradients pass straight through those (Bengio et al., 2013). */
  readonly quantizes?: true;
  /** What a user should know besides, in a line: for the docs. */
  readonly note?: string;
}

/** The same for code that serves every operator: inputs by position, attributes by name. */
export interface AnyCall {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Attributes;
  readonly opset: number;
  readonly outputCount: number;
}
export type AnyBackward = AnyCall & BackwardParts;
/** What the rules of all inputs of a step have in common. */
export type StepBackward = Omit<AnyBackward, 'index'>;
export type AnyRule = (call: AnyBackward) => Tensor;
export interface AnyOperator {
  readonly shape?: (call: AnyCall) => Shape | undefined | readonly (Shape | undefined)[];
  readonly type?: (call: AnyCall) => DataType | readonly DataType[];
  readonly value?: (call: AnyCall) => readonly Dimension[] | undefined;
  readonly grad?: Readonly<Record<string, AnyRule>> | 'none';
  readonly lower?: (call: AnyCall & { readonly b: Builder }) => Tensor | readonly (Tensor | undefined)[];
  readonly unsupported?: (call: AnyCall) => string | undefined;
  readonly kink?: string;
  readonly activation?: true;
  readonly refused?: string;
  readonly holdsGraphs?: true;
  readonly quantizes?: true;
  readonly note?: string;
}

/** A family of records, each typed by its own operator's schema. */
export type Operators<K extends OperatorName> = { readonly [N in K]: Operator<N> };

export function operators<K extends OperatorName>(family: Operators<K>): Operators<K> {
  return family;
}
