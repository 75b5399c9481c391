// A picture as a sequence: its bricks in row-major order, eight steps each. The carries of a scan are pictures too, one pixel for
// each element, so that carry number j is pixel j % 8 of brick j / 8.

// (brick column, row) of a brick of the sequence.
ivec2 brickAt(ivec4 shape, int index) {
  int width = bricksPerRow(shape);
  return ivec2(index % width, index / width);
}

// Texel of state n (0 to 15) of a quad in a picture of carries, which has 16 quads for each quad of channels.
vec4 fetchCarry(sampler2DArray h, ivec4 shape, int quad, int n, int index) {
  return texelFetch(h, ivec3(texelOf(shape, quad * 16 + n, brickAt(shape, index / BRICK)), index % BRICK), 0);
}

// Texel of a pixel in state bricks, which have one pixel a brick.
ivec2 stateTexelOf(ivec4 shape, int group, ivec2 pixel) {
  group += shape.w;
  return ivec2((group % shape.z) * shape.x, (group / shape.z) * shape.y) + pixel;
}
