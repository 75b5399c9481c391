import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { root } from '../tools/root.ts';
import { type ConvertOptions, convert } from './convert.ts';
import { info } from './info.ts';
import { type RestoreOptions, restore } from './restore.ts';

const EXAMPLES = `
Examples:
  vmambair restore                                    the bundled sample, into the folder out
  vmambair restore rainy.jpg                          rainy.restored.png and rainy.compare.png
  vmambair restore small.png --weights sr -o big.png  four times the size
  vmambair restore photo.webp -o photo.safetensors    the values as they leave the network
  vmambair restore photo.png --driver gpu --json      one line that a script can read
  vmambair info derain.pth                            which network a checkpoint holds
  vmambair convert derain.pth derain.safetensors --dtype f16
                                                      a checkpoint of PyTorch at half its size

The exit code is 0 when all went well, 1 for a picture, checkpoint or folder that cannot be used, 2 for wrong
usage, 3 when there is no usable WebGL2 device, 130 after Ctrl-C.
The environment variable VMAMBAIR_BROWSER names the browser to use: its path, or 'chrome', 'msedge', 'embedded'.`;

/** The program with its commands. It throws a CommanderError in place of leaving the process. */
export function vmambair(): Command {
  const program = new Command('vmambair')
    .description('Restores pictures with VmambaIR networks, on WebGL2 in a browser without a window.')
    .version(versionOfPackage())
    .showHelpAfterError('(see vmambair --help)')
    .exitOverride();

  program
    .command('restore')
    .summary('restore a picture')
    .description('Removes rain from a picture, or enlarges it: what the weights were trained for.')
    .argument('[image]', 'a PNG, JPEG or WebP file; the bundled sample without it')
    .option('--weights <name|file|url>', "'derain' or 'sr', which are bundled, or a checkpoint of your own", 'derain')
    .option('-o, --output <file>', 'a .png file, or .safetensors for the float32 values', outputFile)
    .addOption(
      new Option('--driver <driver>', 'driver to compute with')
        .choices(['auto', 'gpu', 'swiftshader', 'llvmpipe'])
        .default('auto', "'auto': the first that comes up of gpu, llvmpipe, swiftshader"),
    )
    .addOption(new Option('--precision <type>', 'how activations are stored').choices(['f32', 'f16']).default('f32'))
    .addOption(
      new Option('--attachments <count>', 'attachments written at once (default: all the device has)').choices([
        '8',
        '4',
        '1',
      ]),
    )
    .option('--json', 'print one line of JSON about the run and nothing else')
    .addHelpText('after', EXAMPLES)
    .action((image: string | undefined, options: RestoreOptions) => restore(image, options));

  const weights = ['<weights>', "a .pth or .safetensors file, a URL, or 'derain' or 'sr', which are bundled"] as const;

  program
    .command('info')
    .summary('tell which network a checkpoint holds')
    .description('Prints the size, the type and the network of a checkpoint.')
    .argument(...weights)
    .option('--json', 'print one line of JSON and nothing else')
    .addHelpText('after', EXAMPLES)
    .action(info);

  program
    .command('convert')
    .summary('write a checkpoint as a safetensors file')
    .description('Writes a checkpoint of a VmambaIR network, such as a .pth file of PyTorch, as a safetensors file.')
    .argument(...weights)
    .argument('<output>', 'a .safetensors file', safetensorsFile)
    .addOption(new Option('--dtype <type>', 'type of all tensors (default: unchanged)').choices(['f32', 'f16', 'bf16']))
    .addHelpText('after', EXAMPLES)
    .action((source: string, output: string, options: ConvertOptions) => convert(source, output, options));

  return program.addHelpText('after', EXAMPLES);
}

function outputFile(path: string): string {
  if (/[^/\\]\.(png|safetensors)$/i.test(path)) return path;
  throw new InvalidArgumentError('It must be the name of a .png or .safetensors file.');
}

function safetensorsFile(path: string): string {
  if (/[^/\\]\.safetensors$/i.test(path)) return path;
  throw new InvalidArgumentError('It must be the name of a .safetensors file.');
}

function versionOfPackage(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}
