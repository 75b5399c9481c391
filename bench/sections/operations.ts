import { WITHOUT_WEBGPU } from '../contenders/names.ts';
import { uniform } from '../random.ts';
import type { ConvTask, GateTask, NormConvTask, Picture } from '../tasks.ts';
import { type Case, LEAST_SHARE, type Requirement, type Section } from './case.ts';

const SIDE = 128;
const PIXELS = SIDE * SIDE;
/** Multiply-adds a pixel beyond which WebGPU in software would take many seconds a run; it takes part in what is below, and no more. */
const MOST_FOR_WEBGPU = 12_000;

/** The heaviest kinds of work in a network, at shapes that the published derain network has. */
export const operations: Section = {
  id: 'operations',
  title: `Operations, ${SIDE} x ${SIDE}`,
  measures: 'time',
  cases: [
    convCase(1, 96, 96, { swiftshader: 1.2, llvmpipe: 1.2 }),
    convCase(1, 48, 254, { swiftshader: 1.2, llvmpipe: 1.2 }),
    convCase(3, 48, 24, { swiftshader: 5.5, llvmpipe: 3 }),
    convCase(3, 96, 192, { swiftshader: 5.5, llvmpipe: 3 }),
    {
      name: 'depthwise, gelu, gate 254->127',
      flops: 2 * 9 * 254 * PIXELS,
      requirements: against({ swiftshader: 5, llvmpipe: 2.5 }),
      softwareContenders: WITHOUT_WEBGPU,
      task: () => gateTask(254),
    },
    {
      name: 'layer norm, conv 1x1 48->96',
      flops: 2 * 48 * 96 * PIXELS,
      requirements: against({ swiftshader: 2, llvmpipe: 2 }),
      softwareContenders: WITHOUT_WEBGPU,
      task: () => normConvTask(48, 96),
    },
  ],
};

function against(ratio: Requirement['ratio']): Requirement[] {
  return [{ contender: 'tfjs webgl', ratio }];
}

function convCase(kernel: number, inChannels: number, outChannels: number, ratio: Requirement['ratio']): Case {
  return {
    name: `conv ${kernel}x${kernel} ${inChannels}->${outChannels}`,
    flops: 2 * kernel * kernel * inChannels * outChannels * PIXELS,
    requirements: against(ratio),
    share: LEAST_SHARE,
    softwareContenders: kernel * kernel * inChannels * outChannels > MOST_FOR_WEBGPU ? WITHOUT_WEBGPU : undefined,
    task: () => convTask(kernel, inChannels, outChannels),
  };
}

function convTask(kernel: number, inChannels: number, outChannels: number): ConvTask {
  const taps = kernel * kernel * inChannels;
  const scale = 1 / Math.sqrt(taps);
  return {
    kind: 'conv',
    x: picture(inChannels),
    kernel,
    outChannels,
    weight: uniform(outChannels * taps, 2, -scale, scale),
    bias: uniform(outChannels, 3),
  };
}

function normConvTask(inChannels: number, outChannels: number): NormConvTask {
  return {
    ...convTask(1, inChannels, outChannels),
    kind: 'norm and conv',
    normWeight: uniform(inChannels, 4, 0.5, 1.5),
    normBias: uniform(inChannels, 5),
  };
}

function gateTask(channels: number): GateTask {
  return { kind: 'gate', x: picture(channels), weight: uniform(channels * 9, 2) };
}

function picture(channels: number): Picture {
  return { channels, height: SIDE, width: SIDE, values: uniform(channels * PIXELS, 1) };
}
