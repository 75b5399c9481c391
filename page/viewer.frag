// Before to the left of a column, after to the right, over a checkerboard where the picture is transparent.
precision highp float;
uniform sampler2D u_before;
uniform sampler2D u_after;
uniform float u_column;
uniform bool u_pixels;
in vec2 v_uv;
out vec4 color;

// Catmull-Rom's weights of the four texels around a place, t from the second to the third.
vec4 cubic(float t) {
  return vec4(((2. - t) * t - 1.) * t, (3. * t - 5.) * t * t + 2., ((4. - 3. * t) * t + 1.) * t, (t - 1.) * t * t) * .5;
}

vec4 bicubic(sampler2D picture, vec2 place, ivec2 last) {
  vec2 at = place - .5;
  ivec2 first = ivec2(floor(at)) - 1;
  vec4 wx = cubic(fract(at.x));
  vec4 wy = cubic(fract(at.y));
  vec4 sum = vec4(0.);
  for (int y = 0; y < 4; y++)
    for (int x = 0; x < 4; x++)
      sum += wx[x] * wy[y] * texelFetch(picture, clamp(first + ivec2(x, y), ivec2(0), last), 0);
  float alpha = clamp(sum.a, 0., 1.);
  return vec4(clamp(sum.rgb, 0., alpha), alpha);
}

// Colours come multiplied by alpha, so that what is transparent does not bleed.
vec4 look(sampler2D picture, vec2 dx, vec2 dy) {
  ivec2 size = textureSize(picture, 0);
  vec2 place = v_uv * vec2(size);
  if (dx.x * float(size.x) > 1. || abs(dy.y) * float(size.y) > 1.) return textureGrad(picture, v_uv, dx, dy);
  if (u_pixels) return texelFetch(picture, clamp(ivec2(place), ivec2(0), size - 1), 0);
  return bicubic(picture, place, size - 1);
}

void main() {
  vec2 dx = dFdx(v_uv);
  vec2 dy = dFdy(v_uv);
  vec4 seen = gl_FragCoord.x < u_column ? look(u_before, dx, dy) : look(u_after, dx, dy);
  ivec2 square = ivec2(gl_FragCoord.xy) >> 3;
  float board = ((square.x ^ square.y) & 1) == 0 ? .62 : .74;
  color = vec4(seen.rgb + (1. - seen.a) * board, 1.);
}
