/** @returns what WebGPU runs on. @throws where the browser has none. */
export async function requireWebGpu(): Promise<string> {
  const { gpu } = navigator as unknown as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  if (!gpu) throw new Error('the browser has no WebGPU');
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('WebGPU has no adapter here');
  const { vendor, architecture, description } = adapter.info;
  return [...new Set([vendor, architecture, description])].filter(Boolean).join(' ') || 'an adapter without a name';
}

interface Adapter {
  readonly info: Readonly<Record<'vendor' | 'architecture' | 'description', string>>;
}
