// The brick that a fragment writes to its attachments: BRICK pixels of a quad, or, where OUT_PIXELS is 1, BRICK quads of a pixel.
#ifndef OUT_PIXELS
#define OUT_PIXELS BRICK
#endif

uniform ivec4 u_out_shape;
uniform int u_out_groups;

layout(location = 0) out vec4 out0;
#if BRICK > 1
layout(location = 1) out vec4 out1;
layout(location = 2) out vec4 out2;
layout(location = 3) out vec4 out3;
#endif
#if BRICK > 4
layout(location = 4) out vec4 out4;
layout(location = 5) out vec4 out5;
layout(location = 6) out vec4 out6;
layout(location = 7) out vec4 out7;
#endif

// Group (quad, for bricks of pixels) and (brick column, row) of this fragment; those outside the groups to be written end here.
ivec2 thisBrick(out int group) {
  ivec2 column = divide(int(gl_FragCoord.x), OUT_PIXELS == 1 ? u_out_shape.x : bricksPerRow(u_out_shape));
  ivec2 row = divide(int(gl_FragCoord.y), u_out_shape.y);
  group = row.x * u_out_shape.z + column.x - u_out_shape.w;
  if (group < 0 || group >= u_out_groups) discard;
  return ivec2(column.y, row.y);
}

void storeAll(Brick y) {
  out0 = y.p0;
#if BRICK > 1
  out1 = y.p1;
  out2 = y.p2;
  out3 = y.p3;
#endif
#if BRICK > 4
  out4 = y.p4;
  out5 = y.p5;
  out6 = y.p6;
  out7 = y.p7;
#endif
}

// Stores neighbouring pixels of a row, zero beyond the picture's width.
void store(Brick y, ivec2 at) {
  storeAll(keepFirst(y, u_out_shape.x - at.x * BRICK));
}
