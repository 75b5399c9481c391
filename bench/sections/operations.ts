import { uniform } from '../random.ts';
import type { ConvTask } from '../tasks.ts';
import type { Case, Requirement, Section } from './case.ts';

const SIDE = 128;

export const operations: Section = {
  id: 'operations',
  title: `Operations, ${SIDE} x ${SIDE}`,
  measures: 'time',
  cases: [
    convCase(1, 96, 96, { swiftshader: 1.2, llvmpipe: 1.2 }),
    convCase(1, 48, 254, { swiftshader: 1.2, llvmpipe: 1.2 }),
    convCase(3, 48, 24, { swiftshader: 5.5, llvmpipe: 3 }),
    convCase(3, 96, 192, { swiftshader: 5.5, llvmpipe: 3 }),
  ],
};

function convCase(kernel: number, inChannels: number, outChannels: number, ratio: Requirement['ratio']): Case {
  const taps = kernel * kernel * inChannels;
  return {
    name: `conv ${kernel}x${kernel} ${inChannels}->${outChannels}`,
    flops: 2 * taps * outChannels * SIDE * SIDE,
    requirements: [{ contender: 'tfjs webgl', ratio }],
    task: () => convTask(kernel, inChannels, outChannels),
  };
}

function convTask(kernel: number, inChannels: number, outChannels: number): ConvTask {
  const taps = kernel * kernel * inChannels;
  const scale = 1 / Math.sqrt(taps);
  return {
    kind: 'conv',
    x: { channels: inChannels, height: SIDE, width: SIDE, values: uniform(inChannels * SIDE * SIDE, 1) },
    kernel,
    outChannels,
    weight: uniform(outChannels * taps, 2, -scale, scale),
    bias: uniform(outChannels, 3),
  };
}
