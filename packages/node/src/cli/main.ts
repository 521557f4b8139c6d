import { version } from '@saywhy/core';
import { Command, CommanderError, Option } from 'commander';
import { DEFAULT_MODEL } from '../models/bundled.js';
import { beam, count, detection, listed, repeated, saveList, seed } from './arguments.js';
import { exitCodeOf, MISUSE, messageOf } from './exit.js';
import { explainCommand } from './explain.js';
import { inspectCommand } from './inspect.js';
import { methodsCommand, modelsCommand } from './lists.js';
import { prepareCommand } from './prepare.js';
import { type Stream, Terminal } from './terminal.js';

/** `saywhy explain *.jpg | head` closes the pipe while there is more to say: that is no failure, and the files are still written. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/**
 * The command `saywhy`. Sets `process.exitCode`: 0, 1 when something failed, 2 when the command line was wrong.
 * @param argv the arguments after the program's name
 */
export async function main(
  argv: readonly string[],
  streams: { readonly stdout: Stream; readonly stderr: Stream } = process,
): Promise<void> {
  const terminal = new Terminal(streams.stdout, streams.stderr);
  if (streams === process) process.stdout.on('error', ignoreClosedPipe);
  try {
    process.exitCode = 0;
    await program(terminal).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    terminal.done();
    // commander has said already what it had to say; help and version are no failures.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : MISUSE;
      return;
    }
    process.exitCode = exitCodeOf(error);
    terminal.fail(messageOf(error));
  } finally {
    terminal.done();
  }
}

function program(terminal: Terminal): Command {
  const saywhy = new Command('saywhy')
    .description('Ask any ONNX vision model: why did you say that?')
    .version(version, '--version')
    .showHelpAfterError('(saywhy --help tells more)')
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .exitOverride()
    .addHelpText('after', examples);

  saywhy
    .command('explain')
    .description('show which parts of pictures made a model answer as it did')
    .argument('<image...>', 'paths or addresses of pictures')
    .option('--model <name|file|folder>', `the model; give it twice to compare (default: ${DEFAULT_MODEL})`, repeated)
    .option('--method <name,...|all>', 'how to explain; saywhy methods lists them (default: grad-cam)', listed)
    .option(
      '--target <target>',
      'a label, an index, top, top3, not:A, "A vs B", box:x,y,width,height:A, mask:..., similar:<image>, value:up; repeatable (default: top)',
      repeated,
    )
    .option('--ask <question>', 'ask a model that answers questions about pictures; repeatable', repeated)
    .option('--caption', 'of a model that writes captions: explain each word of what it says')
    .option('--tokenizer <file>', 'how texts become ids: a Hugging Face tokenizer.json, or JSON as in the metadata')
    .option('--beam <n>', 'how many captions are gone on with at each step (default: 1)', beam)
    .option('--layer <name,...|auto>', 'the layer to look at; saywhy inspect lists them (default: auto)', listed)
    .addOption(deviceOption())
    .option('--preprocess <file|imagenet>', 'how pictures become tensors')
    .option('--labels <file>', 'names of the classes: a JSON list, or one a line')
    .option('--scores <output>', 'the output that holds the scores')
    .option('--score-kind <kind>', 'what they are: softmax, multilabel, segmentation, detection, ... (default: found)')
    .option(
      '--detection <field=value,...>',
      'how a detector writes its candidates, where inspect does not find it',
      detection,
    )
    .option('--out <dir>', 'where files go', 'saywhy-out')
    .option('--save <kinds>', 'overlay,map,raw,report (default: overlay,map,report)', saveList)
    .option('--force', 'replace files that are already there')
    .option('--top <n>', 'how many classes to tell', count, 5)
    .option('--json', 'one JSON object a line on stdout, for each map')
    .action((images, options) => explainCommand(images, options, terminal, ['saywhy', ...saywhy.args]));

  saywhy
    .command('prepare')
    .description('write a model with gradient outputs, for any runtime in any language')
    .argument('<model>', 'an ONNX file, a folder or a bundled name')
    .requiredOption('--out <file>', 'the file to write')
    .option('--scores <output>', 'the output that holds the scores')
    .option('--score-kind <kind>', 'what they are: softmax, multilabel, segmentation, detection, ... (default: found)')
    .option(
      '--detection <field=value,...>',
      'how a detector writes its candidates, where inspect does not find it',
      detection,
    )
    .option('--wrt <layer|input,...|auto|all>', 'what gradients are wanted of (default: auto)', listed)
    .option('--labels <file>', 'names of the classes, kept in the file')
    .option('--preprocess <file|imagenet>', 'how pictures become tensors, kept in the file')
    .option('--force', 'replace the file if it is already there')
    .action((model, options) => prepareCommand(model, options, terminal));

  saywhy
    .command('inspect')
    .description('tell what is known of a model: inputs, layers, methods that apply, preprocessing')
    .argument('<model>', 'an ONNX file, a folder or a bundled name')
    .option('--scores <output>', 'the output that holds the scores')
    .option('--score-kind <kind>', 'what they are: softmax, multilabel, segmentation, detection, ... (default: found)')
    .option(
      '--detection <field=value,...>',
      'how a detector writes its candidates, where inspect does not find it',
      detection,
    )
    .option('--labels <file>', 'names of the classes: a JSON list, or one a line')
    .option('--preprocess <file|imagenet>', 'how pictures become tensors')
    .option('--json', 'one JSON object')
    .action((model, options) => inspectCommand(model, options, terminal));

  saywhy
    .command('evaluate')
    .description('measure how far the maps of methods can be trusted')
    .argument('[image...]', 'paths or addresses of pictures; all that --masks names if left out')
    .option('--model <name|file|folder>', `the model (default: ${DEFAULT_MODEL})`)
    .option('--method <name,...|all>', 'which methods (default: all that apply, and two baselines)', listed)
    .option(
      '--metric <name,...|all|list>',
      'which metrics; list tells them (default: all that can be measured)',
      listed,
    )
    .option('--target <target>', 'as of explain; repeatable, where --masks does not say (default: top)', repeated)
    .option('--masks <file>', 'what each picture is asked about and where that is: {"cases": [...]}')
    .option('--layer <name|auto>', 'the layer to look at', 'auto')
    .addOption(deviceOption())
    .option('--preprocess <file|imagenet>', 'how pictures become tensors')
    .option('--labels <file>', 'names of the classes: a JSON list, or one a line')
    .option('--scores <output>', 'the output that holds the scores')
    .option('--score-kind <kind>', 'what they are: softmax, multilabel, segmentation, detection, ... (default: found)')
    .option(
      '--detection <field=value,...>',
      'how a detector writes its candidates, where inspect does not find it',
      detection,
    )
    .option('--out <dir>', 'where results go; a run that was stopped goes on from what is there', 'saywhy-evaluation')
    .option('--seed <n>', 'the same gives the same numbers', seed, 0)
    .option('--force', 'begin anew whatever is there')
    .option('--json', 'one JSON object a line on stdout, for each method and metric')
    .action(async (images, options) => {
      // The charting library takes longer to load than a map takes to make.
      const { evaluateCommand } = await import('./evaluate.js');
      await evaluateCommand(images, options, terminal, ['saywhy', ...saywhy.args]);
    });

  saywhy
    .command('methods')
    .description('list the methods')
    .option('--json', 'one JSON object a line')
    .action((options) => methodsCommand(options, terminal));

  saywhy
    .command('models')
    .description('list the bundled models')
    .option('--json', 'one JSON object a line')
    .action((options) => modelsCommand(options, terminal));

  return saywhy;
}

const deviceOption = (): Option => new Option('--device <device>', 'auto, cpu, cuda or webgpu').default('auto');

const examples = `
Examples:
  saywhy explain photo.jpg
  saywhy explain photo.jpg --target tabby --target "German shepherd" --method grad-cam,guided-grad-cam --out why/
  saywhy explain photo.jpg --model mine.onnx --labels labels.txt --preprocess imagenet --json
  saywhy explain photo.jpg --model efficientnet-lite0 --model efficientnet-lite2
  saywhy explain scene.png --model scenes-vqa --ask "what colour is the circle?"
  saywhy explain scene.png --model scenes-caption --caption
  saywhy inspect mine.onnx
  saywhy evaluate photos/*.jpg --metric insertion,deletion,road`;
