// Sums over blocks of 8x8 pixels, times u_scale:  y(x, y) = scale * sum over the block at (8x, 8y) of x.   Applied until one pixel is
// left, this is the global sum, in a tree: rounding grows with the logarithm of the number of pixels.
//
// u_x  input, [c, h, w] for an output of [c, h / 8, w / 8], rounded up; zero beyond its width
//
// A fragment computes eight pixels of four channels and fetches 64 texels per output.
#include "lib/brick.glsl"
#include "lib/output.glsl"

uniform Tensor u_x;
uniform float u_scale;

const int BLOCK = 8;

vec4 blockSum(int quad, ivec2 block) {
  vec4 sum = vec4(0);
  if (block.x >= u_out_shape.x) return sum;
  ivec2 first = block * BLOCK;
  ivec2 texel = texelOf(u_x.shape, quad, ivec2(brickOf(first.x), first.y));
  int rows = min(BLOCK, u_x.shape.y - first.y), bricks = brickOf(min(BLOCK, u_x.shape.x - first.x) + BRICK - 1);
  for (int j = 0; j < rows; j++) {
    for (int i = 0; i < bricks; i++) sum += sumOf(fetchBrick(u_x, texel + ivec2(i, j)));
  }
  return sum * u_scale;
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  Brick y = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) y = moved(y, blockSum(quad, ivec2(at.x * BRICK + k, at.y)));
  store(y, at);
}
