/** The values of a row-major array with its axes in another order: axis i of the result is axis order[i] of what is given. */
export function permute(
  values: ArrayLike<number>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(values.length);
  let next = 0;
  function fill(axis: number, from: number): void {
    if (axis === order.length) {
      result[next++] = values[from];
      return;
    }
    const size = shape[order[axis]];
    const stride = strides[order[axis]];
    for (let i = 0; i < size; i++) fill(axis + 1, from + i * stride);
  }
  fill(0, 0);
  return result;
}
