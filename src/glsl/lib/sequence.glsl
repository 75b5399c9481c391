// A picture as a sequence: segments of eight pixels of a row, in row-major order. The carries of a scan are pictures too, one pixel
// for each element of a level, and their widths are multiples of eight, so that the children of element j are segment j.
const int SEGMENT = 8;
const int STATES = 16;
// Groups of state bricks for one quad of channels.
const int STATE_GROUPS = STATES / BRICK;

int segmentsPerRow(ivec4 shape) { return (shape.x + SEGMENT - 1) / SEGMENT; }

// First pixel of a segment of the sequence.
ivec2 segmentAt(ivec4 shape, int index) {
  int width = segmentsPerRow(shape);
  return ivec2(index % width * SEGMENT, index / width);
}

// Pixel number `index` of the sequence, for pictures of carries.
ivec2 pixelAt(ivec4 shape, int index) { return ivec2(index % shape.x, index / shape.x); }

// Texel and layer of a pixel.
ivec3 placeOf(ivec4 shape, int quad, ivec2 pixel) {
  return ivec3(texelOf(shape, quad, ivec2(pixel.x / BRICK, pixel.y)), pixel.x % BRICK);
}

// Texel of a pixel in state bricks, which have one pixel a brick.
ivec2 stateTexelOf(ivec4 shape, int group, ivec2 pixel) {
  group += shape.w;
  return ivec2((group % shape.z) * shape.x, (group / shape.z) * shape.y) + pixel;
}
