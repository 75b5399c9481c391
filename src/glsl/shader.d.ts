// Shader files are turned into modules by tools/glsl.ts when the project is bundled.

declare module '*.frag' {
  const shader: import('../tensor/program.ts').ShaderSource;
  export default shader;
}

declare module '*.vert' {
  const shader: import('../tensor/program.ts').ShaderSource;
  export default shader;
}
