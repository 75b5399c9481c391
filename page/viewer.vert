// The picture's rectangle as a strip of four corners.
uniform mat3 u_to_clip;
uniform vec2 u_size;
out vec2 v_uv;

void main() {
  v_uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4((u_to_clip * vec3(v_uv * u_size, 1.)).xy, 0., 1.);
}
