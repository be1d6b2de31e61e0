import { crc32, deflateSync } from 'node:zlib';

/** A PNG as large as a photo: three bytes for each pixel, none of them saved. */
export function photo(width: number, height: number): { name: string; mimeType: string; buffer: Buffer } {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // eight bits each of red, green and blue
  const pixels = deflateSync(Buffer.alloc((1 + width * 3) * height), { level: 0 });
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const parts = [part('IHDR', header), part('IDAT', pixels), part('IEND', Buffer.alloc(0))];
  return { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.concat([signature, ...parts]) };
}

/** PNG (third edition) 5.3: length, type, data, CRC. */
function part(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}
