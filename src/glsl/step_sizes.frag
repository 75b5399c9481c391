// Step sizes of a scan:  delta[o] = softplus(bias[o] + sum over i of w[o, i] dt[i]), both ways in the same draw
//
// u_dt       a few channels, as many for each direction, each of which begins at a quad of its own
// u_weights  column 4i + j, row by rowOfWeights: weights from channel 4i + j to channels 4o to 4o + 3; last column: bias
// out        step sizes; zero beyond the channels of each direction, where softplus(0) is not
//
// A fragment computes as many pixels of four channels as it has attachments. With eight it fetches 1.5 texels per output for four channels
// of dt, and 1/8.
#include "lib/brick.glsl"
#include "lib/output.glsl"
#include "lib/activation.glsl"
#include "lib/directions.glsl"

uniform Tensor u_dt;
uniform int u_dt_quads; // of a direction
uniform Weights u_weights;
uniform ivec2 u_rows;
uniform int u_channels; // of a direction

void main() {
  int quad;
  ivec2 at = thisBrick(quad);
  int row = rowOfWeights(u_rows, quad);
  Brick y = filled(fetch(u_weights, ivec2(4 * u_dt_quads, row)));
  ivec2 texel = texelOf(u_dt.shape, isSecond(quad) ? u_dt_quads : 0, at);
  for (int i = 0; i < u_dt_quads; i++) {
    y = multiplyAdd(y, fetchMatrix(u_weights, ivec2(4 * i, row)), fetchBrick(u_dt, texel));
    texel = nextQuad(u_dt.shape, texel);
  }
  store(scaled(softplus(y), channelMask(quadOfInput(quad), u_channels), vec4(0)), at);
}
