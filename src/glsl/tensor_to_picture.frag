// A tensor's colours as an 8-bit picture, clamped to [0, 1], with the alpha of the picture it was made from:
//
//     picture(x, y) = (round(255 clamp(t(x, y))) / 255, alpha(x / scale, y / scale))
//
// It rounds here, since devices convert to 8 bits as they like: one was seen to make 16 of 16.52.
//
// u_x        [3, h, w], at least the picture's size
// u_picture  the source of alpha, 1 / scale of the size
//
// A fragment computes one pixel and fetches 2 texels.
#include "lib/brick.glsl"
#include "lib/pixel.glsl"

uniform Tensor u_x;
uniform sampler2D u_picture;
uniform int u_scale;

out vec4 colour;

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec3 rounded = floor(255. * clamp(fetchPixel(u_x, 0, pixel).rgb, 0., 1.) + .5) / 255.;
  colour = vec4(rounded, texelFetch(u_picture, pixel / u_scale, 0).a);
}
