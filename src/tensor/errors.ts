/** The caller gave something that cannot be used: a bad image, checkpoint, shape or option. The message says what, with its values. */
export class InputError extends Error {
  override name = 'InputError';
}

/** The picture, or a tensor made from it, is larger than this device can hold. */
export class SizeError extends InputError {
  override name = 'SizeError';
}

/** There is no usable WebGL2 device, or it went away. */
export class DeviceError extends Error {
  override name = 'DeviceError';
}

export const lostContext = (): DeviceError => new DeviceError('The WebGL2 context was lost.');

/**
 * A mistake in a kernel or its use: a shader that does not compile, a uniform or texture that it lacks or that was left out, an input that is the
 * output too, or a run that differs from its rehearsal.
 */
export class KernelError extends Error {
  override name = 'KernelError';
}
