/**
 * Whether a renderer draws on the processor, by its name: SwiftShader and Mesa's llvmpipe, which were measured, and others that are taken to be like
 * them: softpipe, Direct3D's WARP, or who says so.
 */
export function inSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}
