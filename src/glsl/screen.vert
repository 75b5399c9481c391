// One triangle that covers the viewport; kernels find their place from gl_FragCoord, since varyings lose precision on some GPUs.
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0., 1.);
}
