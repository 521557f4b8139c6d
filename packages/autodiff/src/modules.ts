// PyTorch's module paths, as its two ONNX exporters leave them: TorchScript in node names, dynamo in the nodes' metadata.
import type { Model, Node } from './model/types.js';

const known = new WeakMap<Model, ReadonlyMap<string, string>>();

/**
 * PyTorch module paths, in the order of the forward pass, each with the tensor that is the module's result: the last one made inside the module that
 * is used outside it. Empty for models of other origin.
 */
export function modules(model: Model): ReadonlyMap<string, string> {
  const before = known.get(model);
  if (before) return before;
  const { graph } = model;
  const scopes = new Map(graph.nodes.map((node) => [node, scopesOf(node)]));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const results = new Map<string, string>();
  for (const node of graph.nodes)
    for (const scope of scopes.get(node)!)
      for (const name of node.outputs) {
        const outside =
          outputs.has(name) || graph.consumers.get(name)?.some((consumer) => !scopes.get(consumer)!.includes(scope));
        if (!outside) continue;
        results.delete(scope);
        results.set(scope, name);
      }
  known.set(model, results);
  return results;
}

/** The paths of the modules that a node lies in, outermost first. */
function scopesOf(node: Node): readonly string[] {
  const written = node.metadata['pkg.torch.onnx.name_scopes'];
  return written === undefined ? torchScriptScopes(node.name) : dynamoScopes(written);
}

/** A Python list as text: `['', 'layer2', 'layer2.1', 'relu_7']`; the last entry is the node itself. */
function dynamoScopes(written: string): string[] {
  const names = [...written.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? '');
  return names.slice(0, -1).filter((name) => name !== '');
}

/** `/layer2/layer2.1/conv2/Conv`: a member of a container repeats the container's name, so the module is `layer2.1.conv2`. */
function torchScriptScopes(name: string): string[] {
  if (!name.startsWith('/')) return [];
  const scopes: string[] = [];
  let last = '';
  for (const segment of name.split('/').slice(1, -1)) {
    const parent = scopes.at(-1);
    const path =
      parent === undefined
        ? segment
        : segment.startsWith(`${last}.`)
          ? parent + segment.slice(last.length)
          : `${parent}.${segment}`;
    scopes.push(path);
    last = segment;
  }
  return scopes;
}
