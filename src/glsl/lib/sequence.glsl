// A picture as a sequence: segments of eight pixels of a row, in row-major order. The carries of a scan are pictures too, one pixel
// for each element of a level, and their widths are multiples of eight, so that the children of element j are segment j.
const int SEGMENT_BITS = 3, SEGMENT = 1 << SEGMENT_BITS;
const int STATE_BITS = 4, STATES = 1 << STATE_BITS;
// Groups of state bricks for one quad of channels.
const int STATE_GROUPS = STATES / BRICK, STATE_GROUP_BITS = STATE_BITS - BRICK_BITS;

int segmentsPerRow(ivec4 shape) { return (shape.x + SEGMENT - 1) >> SEGMENT_BITS; }

// First pixel of a segment of the sequence.
ivec2 segmentAt(ivec4 shape, int index) {
  ivec2 row = divide(index, segmentsPerRow(shape));
  return ivec2(row.y * SEGMENT, row.x);
}

// Step k of a segment whose first brick has these coordinates.
vec4 fetchStep(Tensor x, Coords first, int k) {
#if BRICK == 8
  return fetch(x, first, k);
#else
  return fetch(x, rightBy(x, first, brickOf(k)), layerOf(k));
#endif
}

// Pixel number `index` of the sequence, for pictures of carries.
ivec2 pixelAt(ivec4 shape, int index) { return divide(index, shape.x).yx; }

// Texel of a pixel in state bricks, which have one pixel a brick.
ivec2 stateTexelOf(ivec4 shape, int group, ivec2 pixel) {
  ivec2 at = divide(group + shape.w, shape.z);
  return ivec2(at.y * shape.x, at.x * shape.y) + pixel;
}
