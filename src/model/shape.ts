/** Shapes and strides of stored tensors, both counted in elements. */

/** Whether something is a list of whole numbers from 0 on, each of them exact. */
export function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Elements of a tensor of this shape; beyond 2^53 about as many. */
export function elementCount(shape: readonly number[]): number {
  // Zero times an overflow to infinity would be NaN.
  return shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
}

/** Elements from the first of a strided tensor to its last, counting both. */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((span, length, axis) => span + (length - 1) * strides[axis], 1);
}

/** Whether the elements lie in row-major order without gaps. The stride of an axis of one step says nothing. */
export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** The elements of a strided tensor, copied into row-major order. */
export function gather(
  bytes: Uint8Array,
  elementBytes: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const gathered = new Uint8Array(elementCount(shape) * elementBytes);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < gathered.length; to += elementBytes) {
    for (let i = 0; i < elementBytes; i++) gathered[to + i] = bytes[from * elementBytes + i];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return gathered;
}
