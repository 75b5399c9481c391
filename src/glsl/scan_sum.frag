// Scan, sums: s[j] = delta[8j] + ... + delta[8j + 7], four channels at a time.
//
// The decay over a run of steps is exp(A * sum of delta), so one sum per channel stands for the products of all sixteen states. Run
// on delta this gives the sums of segments, run on those the sums of the next level, and so on.
//
// u_x      delta, or the sums of the level below: a sequence
// out      sums, one pixel per element; zero beyond u_count elements
//
// A fragment computes as many sums as it has attachments and fetches 8 texels per output.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/sequence.glsl"
#include "lib/directions.glsl"

uniform Tensor u_x;
uniform int u_count;
uniform int u_order; // in reverse, element j is segment u_count - 1 - j

vec4 sumOfSegment(int quad, int element) {
  if (element >= u_count) return vec4(0);
  ivec2 first = segmentAt(u_x.shape, isReverse(u_order, quad) ? u_count - 1 - element : element);
  ivec2 texel = texelAndLayer(u_x.shape, quad, first).xy;
  int bricks = brickOf(min(SEGMENT, u_x.shape.x - first.x) + BRICK - 1);
  vec4 sum = sumOf(fetchBrick(u_x, texel));
  for (int i = 1; i < bricks; i++) sum += sumOf(fetchBrick(u_x, texel + ivec2(i, 0)));
  return sum;
}

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  int first = at.y * u_out_shape.x + at.x * BRICK;
  Brick sums = filled(vec4(0));
  for (int k = 0; k < BRICK; k++) sums = moved(sums, sumOfSegment(quad, first + k));
  storeAll(sums);
}
