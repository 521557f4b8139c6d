// The README's way from PyTorch, with PyTorch.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createExplainer, loadModel } from '@saywhy/node';
import { expect } from 'chai';
import { python } from './cases.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README, from PyTorch', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'saywhy-python-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('exports a module with its labels', async () => {
    const code = /^```python\n(.*?)^```/ms.exec(readme)![1]!;
    execFileSync(python, ['-c', code], {
      cwd: folder,
      stdio: 'pipe',
      env: { ...process.env, PYTHONPATH: join(root, 'scripts') },
    });
    const explainer = await createExplainer(join(folder, 'mine.onnx'));
    expect(explainer.model.labels).to.deep.equal(['cat', 'dog']);
    await explainer.dispose();
  });

  it('exports a model of timm by the command', async () => {
    const [, script, ...words] = /^python (.*)$/m.exec(readme)![0].split(' ');
    execFileSync(python, [join(root, script!), ...words], { cwd: folder, stdio: 'pipe' });
    expect((await loadModel(join(folder, 'resnet18.onnx'))).name).to.equal('resnet18');
  });
});
