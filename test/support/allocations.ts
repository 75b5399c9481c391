/** Sees what scripts take memory for. Not what becomes of it: when garbage is collected is up to the browser. */
export interface Allocations {
  /** Bytes of the largest array, buffer or read. */
  largest: number;
  /** Bytes that were copied into blobs. */
  intoBlobs: number;
  /** Bytes that were read from blobs. */
  outOfBlobs: number;
}

/** Runs `use` while constructors of bytes, their copies and reads of blobs are counted. */
export async function watchAllocations(use: (seen: Allocations) => Promise<void>): Promise<void> {
  const seen: Allocations = { largest: 0, intoBlobs: 0, outOfBlobs: 0 };
  const took = (bytes: number): void => {
    seen.largest = Math.max(seen.largest, bytes);
  };
  const restore: (() => void)[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: whatever is there is replaced by what behaves like it
  const replace = (holder: any, name: string, make: (old: any) => unknown): void => {
    const old = holder[name];
    holder[name] = make(old);
    restore.unshift(() => {
      holder[name] = old;
    });
  };

  for (const name of ['ArrayBuffer', 'Uint8Array', 'Uint16Array', 'Uint32Array', 'Float32Array']) {
    const construct = (old: new () => object, args: unknown[]): object => {
      const made = Reflect.construct(old, args) as { readonly byteLength: number };
      if (!(args[0] instanceof ArrayBuffer)) took(made.byteLength); // else it is a view
      return made;
    };
    replace(globalThis, name, (old) => new Proxy(old, { construct }));
  }
  for (const holder of [ArrayBuffer.prototype, Object.getPrototypeOf(Uint8Array.prototype)]) {
    replace(
      holder,
      'slice',
      (old) =>
        function (this: Uint8Array, ...args: unknown[]) {
          const copy = old.apply(this, args);
          took(copy.byteLength);
          return copy;
        },
    );
  }
  replace(globalThis, 'Blob', (old) => {
    const construct = (_: unknown, [parts = [], ...rest]: [BlobPart[]?, ...unknown[]]): Blob => {
      for (const part of parts)
        if (typeof part !== 'string' && !(part instanceof Blob)) seen.intoBlobs += part.byteLength;
      return new old(parts, ...rest);
    };
    return new Proxy(old, { construct });
  });
  for (const holder of [Blob.prototype, Response.prototype]) {
    replace(
      holder,
      'arrayBuffer',
      (old) =>
        async function (this: Blob | Response) {
          const buffer: ArrayBuffer = await old.call(this);
          took(buffer.byteLength);
          if (this instanceof Blob) seen.outOfBlobs += buffer.byteLength;
          return buffer;
        },
    );
  }
  try {
    await use(seen);
  } finally {
    for (const put of restore) put();
  }
}
