// A table of the full comparison with PyTorch from the lines that scripts/parity.sh --matrix wrote: for each architecture and exporter the relative L2 error of
// the gradients as exported / optimised by ONNX Runtime / folded.
import { readFileSync } from 'node:fs';

const lines = readFileSync(process.argv[2], 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse);
const variants = ['plain', 'optimised', 'folded'];
const exports = [...new Set(lines.map(({ exporter, opset }) => `${exporter} ${opset}`))].sort();
console.log(`| Architecture | ${exports.join(' | ')} |`);
console.log(`|---|${exports.map(() => '---|').join('')}`);
for (const name of new Set(lines.map((line) => line.name))) {
  const cells = exports.map((column) => {
    const own = lines.filter((line) => line.name === name && `${line.exporter} ${line.opset}` === column);
    const errorOf = (variant) => own.find((line) => line.variant === variant)?.error.toExponential(0) ?? '-';
    return variants.map(errorOf).join(' / ');
  });
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
