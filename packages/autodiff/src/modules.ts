// PyTorch's module paths, as its two ONNX exporters leave them: TorchScript in node names, dynamo in the nodes' metadata.
import type { Graph, Model, Node } from './model/types.js';

const DYNAMO_KEY = 'pkg.torch.onnx.name_scopes';

/** No exporter writes names of more characters, or of modules in more modules. */
const MAX_NAME = 1024;
const MAX_DEPTH = 64;

const known = new WeakMap<Model, ReadonlyMap<string, string>>();

/**
 * PyTorch module paths (as `named_modules` gives them), in the order of the forward pass, each with the tensor that is the module's result: the last one
 * made inside the module that is used outside it, and so of its last call where it is called repeatedly. Modules that leave no node (Dropout, Identity, a
 * BatchNorm that was folded into its convolution) are absent. Empty for models of other origin.
 */
export function modules(model: Model): ReadonlyMap<string, string> {
  const before = known.get(model);
  if (before) return before;
  const { graph } = model;
  const scopes = moduleScopes(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const results = new Map<string, string>();
  for (const node of graph.nodes)
    for (const scope of scopes.get(node) ?? [])
      for (const name of node.outputs) {
        const isUsedOutside =
          outputs.has(name) ||
          graph.consumers.get(name)?.some((user) => !isBackward(user) && !scopes.get(user)?.includes(scope));
        if (!isUsedOutside) continue;
        results.delete(scope);
        results.set(scope, name);
      }
  known.set(model, results);
  return results;
}

/** Whether a node was added by `differentiate`: what those read is not what a module gives. */
function isBackward(node: Node): boolean {
  return /^([^/].*\/)?(backward|gradient)\//.test(node.name);
}

/** The paths of the modules that each node lies in, outermost first. */
function moduleScopes(graph: Graph): ReadonlyMap<Node, readonly string[]> {
  const calls = new Map<Node, readonly string[]>();
  const scopes = new Map<Node, readonly string[]>();
  for (const node of graph.nodes) {
    const written = node.metadata[DYNAMO_KEY];
    if (written !== undefined) scopes.set(node, dynamoScopes(written));
    else if (node.name.startsWith('/')) calls.set(node, torchScriptScopes(node.name));
  }
  const repeated = repeatedCalls(graph, calls);
  for (const [node, paths] of calls) scopes.set(node, paths.map(repeated));
  return scopes;
}

/** A Python list as text: `['', 'layer2', 'layer2.1', 'relu_7']`; the last entry is the node itself. */
function dynamoScopes(written: string): string[] {
  const names = [...written.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1'),
  );
  return names.slice(0, -1).filter((name) => name !== '');
}

/** `/layer2/layer2.1/conv2/Conv`: a member of a container repeats the container's name, so the module is `layer2.1.conv2`. */
function torchScriptScopes(name: string): string[] {
  const scopes: string[] = [];
  let last = '';
  const segments = name.length > MAX_NAME ? [] : name.split('/').slice(1, -1);
  for (const segment of segments.slice(0, MAX_DEPTH)) {
    const parent = scopes.at(-1);
    const isMember = segment.startsWith(`${last}.`);
    scopes.push(
      parent === undefined ? segment : isMember ? parent + segment.slice(last.length) : `${parent}.${segment}`,
    );
    last = segment;
  }
  return scopes;
}

/**
 * TorchScript numbers the calls of one module: `relu`, `relu_1`. A number may also be part of a name, so a call counts as repeated only if the same
 * operators use the same weights as in the first one. The result turns the path of a call into the module's.
 */
function repeatedCalls(graph: Graph, calls: ReadonlyMap<Node, readonly string[]>): (path: string) => string {
  const work = new Map<string, string[]>();
  for (const [node, paths] of calls)
    for (const path of paths) {
      const done = work.get(path) ?? [];
      if (done.length === 0) work.set(path, done);
      done.push(node.opType, ...node.inputs.filter((name) => graph.initializers.has(name)));
    }
  const texts = new Map([...work].map(([path, done]) => [path, done.join('\n')]));
  const resolved = new Map<string, string>();
  const moduleOf = (path: string): string => {
    const before = resolved.get(path);
    if (before !== undefined) return before;
    const first = path.replace(/_\d+$/, '');
    const isRepeated = first !== path && texts.has(first) && texts.get(first) === texts.get(path);
    const [start, name] = partsOf(isRepeated ? first : path);
    const result = start === '' ? name : `${moduleOf(start)}.${name}`;
    resolved.set(path, result);
    return result;
  };
  return moduleOf;
}

/** What contains a path, and the path's last name. */
function partsOf(path: string): readonly [start: string, name: string] {
  const dot = path.lastIndexOf('.');
  return [path.slice(0, Math.max(dot, 0)), path.slice(dot + 1)];
}
