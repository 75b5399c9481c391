/** How checkpoints of PyTorch before 1.6 begin, which are several pickles one after the other and no zip archive. */

/** The number by which torch.load knows its own files, 0x1950a86a20f9469cfc6c, as every protocol from 2 on writes it. */
const MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/** The opcode that names the protocol, and its bytes. */
const PROTOCOL = { opcode: 0x80, bytes: 2 };
/** That which tells the length of what follows, from protocol 4 on. */
const FRAME = { opcode: 0x95, bytes: 9 };

/** @param start the first bytes of a file, or all of them */
export function isLegacy(start: Uint8Array): boolean {
  let at = 0;
  for (const { opcode, bytes } of [PROTOCOL, FRAME]) if (start[at] === opcode) at += bytes;
  return MAGIC.every((byte, i) => start[at + i] === byte);
}
