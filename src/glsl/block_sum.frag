// Sums over blocks of 8x8 pixels, times u_scale:  y(x, y) = scale * sum over the block at (8x, 8y) of x.   Applied until one pixel is
// left, this is the global sum, in a tree: rounding grows with the logarithm of the number of pixels.
//
// u_x  input, [c, h, w] for an output of [c, h / 8, w / 8], rounded up; zero beyond its width
//
// A fragment computes eight pixels of four channels and fetches 64 texels an output.
#include "lib/brick.glsl"
#include "lib/output.glsl"

uniform sampler2DArray u_x;
uniform ivec4 u_x_shape;
uniform float u_scale;

vec4 blockSum(int quad, ivec2 block) {
  vec4 sum = vec4(0);
  if (block.x >= u_out_shape.x) return sum;
  ivec2 texel = texelOf(u_x_shape, quad, ivec2(block.x, block.y * BRICK));
  int rows = min(BRICK, u_x_shape.y - block.y * BRICK);
  for (int i = 0; i < rows; i++) {
    Brick x = fetchBrick(u_x, ivec2(texel.x, texel.y + i));
    sum += ((x.p0 + x.p1) + (x.p2 + x.p3)) + ((x.p4 + x.p5) + (x.p6 + x.p7));
  }
  return sum * u_scale;
}

void main() {
  int quad;
  ivec2 at = place(quad);
#define BLOCK(k) blockSum(quad, ivec2(at.x * BRICK + k, at.y))
  store(Brick(BLOCK(0), BLOCK(1), BLOCK(2), BLOCK(3), BLOCK(4), BLOCK(5), BLOCK(6), BLOCK(7)), at);
}
