/**
 * What of an uploaded picture is kept: the parts that draw it. Nothing is decoded; each of the three formats is a chain of
 * labelled parts, of which those on a list of ours are copied and everything else (EXIF with its place and time, XMP,
 * comments, thumbnails, whatever follows the end) is left behind. Of a photo's EXIF one number stays: which way is up.
 */
export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp';
export type Picture = { type: PictureType; width: number; height: number; bytes: Buffer };

/** Undefined: not one of the three formats, or broken off. `bytes` is what the person sent. */
export function readPicture(bytes: Buffer): Picture | undefined {
  try {
    return readPng(bytes) ?? readJpeg(bytes) ?? readWebp(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // read past the end
    throw error;
  }
}

const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');
const pngParts = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'IDAT', 'IEND']);

/** PNG (third edition) section 5: length, type, data, CRC. */
function readPng(bytes: Buffer): Picture | undefined {
  if (!bytes.subarray(0, 8).equals(pngSignature)) return undefined;
  const kept: Buffer[] = [pngSignature];
  let size: { width: number; height: number } | undefined;
  for (let at = 8; ;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (end > bytes.length) return undefined;
    if (type === 'IHDR') size = { width: bytes.readUInt32BE(at + 8), height: bytes.readUInt32BE(at + 12) };
    if (!size) return undefined; // IHDR comes first
    if (pngParts.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') return { type: 'image/png', ...size, bytes: Buffer.concat(kept) };
    at = end;
  }
}

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const jpegExif = 0xe1;
const jpegColours = 0xee; // APP14: how Adobe's programs wrote the colours
const jpegTables = new Set([0xc4, 0xdb, 0xdd]);

/** ITU-T T.81 annex B: segments of marker, length and data; after a start of scan, coded data up to the next marker. */
function readJpeg(bytes: Buffer): Picture | undefined {
  if (bytes.readUInt16BE(0) !== (0xff00 | startOfImage)) return undefined;
  const kept: Buffer[] = [];
  let turn: number | undefined;
  let size: { width: number; height: number } | undefined;
  for (let at = 2; ;) {
    if (bytes.readUInt8(at) !== 0xff) return undefined;
    const marker = bytes.readUInt8(at + 1);
    if (marker === endOfImage) {
      const start = [bytes.subarray(0, 2), ...(turn === undefined ? [] : [turned(turn)])];
      const lies = turn !== undefined && turn > 4;
      const shown = size && lies ? { width: size.height, height: size.width } : size;
      const whole = Buffer.concat([...start, ...kept, bytes.subarray(at, at + 2)]);
      return shown && { type: 'image/jpeg', ...shown, bytes: whole };
    }
    let end = at + 2 + bytes.readUInt16BE(at + 2);
    if (isFrame(marker)) size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    if (marker === jpegExif) turn ??= turnOf(bytes.subarray(at, end));
    if (marker === startOfScan) end = endOfScan(bytes, end);
    if (end > bytes.length) return undefined;
    if (isFrame(marker) || jpegTables.has(marker) || marker === jpegColours || marker === startOfScan)
      kept.push(bytes.subarray(at, end));
    at = end;
  }
}

const orientation = 0x0112;
const shortest = 36; // Exif\0\0, the header and a directory of one entry

/** How a camera was held (Exif 2.32, Orientation): 2 to 8, or undefined when the picture is upright or nothing is said. */
function turnOf(segment: Buffer): number | undefined {
  if (segment.length < shortest || segment.toString('latin1', 4, 10) !== 'Exif\0\0') return undefined;
  const tiff = segment.subarray(10);
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const number = (at: number, length: number): number => {
    if (at + length > tiff.length) return 0;
    return isLittle ? tiff.readUIntLE(at, length) : tiff.readUIntBE(at, length);
  };
  const directory = number(4, 4);
  const entries = Array.from({ length: number(directory, 2) }, (_, entry) => directory + 2 + entry * 12);
  const entry = entries.find((at) => number(at, 2) === orientation);
  const turn = entry === undefined ? 0 : number(entry + 8, 2);
  return turn >= 2 && turn <= 8 ? turn : undefined;
}

/** A segment that says this and nothing else. */
function turned(turn: number): Buffer {
  const segment = Buffer.from(
    'ffe10022457869660000' + '4d4d002a00000008' + '0001' + '011200030000000100000000' + '00000000',
    'hex',
  );
  segment.writeUInt16BE(turn, 28);
  return segment;
}

/** SOF0 to SOF15 but for DHT, JPG and DAC, which have numbers among them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** In coded data 0xff is followed by 0x00 or by a restart marker; anything else is the next segment. */
function endOfScan(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at === -1) throw new RangeError('the scan never ends');
    const next = bytes.readUInt8(at + 1);
    if (next !== 0x00 && !(next >= 0xd0 && next <= 0xd7) && next !== 0xff) return at;
    at += next === 0xff ? 1 : 2;
  }
}

const webpParts = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH']);
const webpAlpha = 0x10;

/** RFC 9649: RIFF chunks of FourCC, length and data, padded to even. Moving pictures lose their parts, hence are refused. */
function readWebp(bytes: Buffer): Picture | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') return undefined;
  const parts: Buffer[] = [];
  let size: { width: number; height: number } | undefined;
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(4));
  for (let at = 12; at < end;) {
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const data = bytes.subarray(at + 8, at + 8 + length);
    const next = at + 8 + length + (length % 2);
    if (next > bytes.length) return undefined;
    if (type === 'VP8X') size = { width: 1 + data.readUIntLE(4, 3), height: 1 + data.readUIntLE(7, 3) };
    if (type === 'VP8 ') size ??= { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
    if (type === 'VP8L') {
      const packed = data.readUInt32LE(1);
      size ??= { width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) };
    }
    if (webpParts.has(type))
      parts.push(type === 'VP8X' ? withoutExtras(bytes.subarray(at, next)) : bytes.subarray(at, next));
    at = next;
  }
  if (!size || !parts.some((part) => part.toString('latin1', 0, 3) === 'VP8' && part.toString('latin1', 3, 4) !== 'X'))
    return undefined;
  const body = Buffer.concat([Buffer.from('WEBP'), ...parts]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return { type: 'image/webp', ...size, bytes: Buffer.concat([head, body]) };
}

/** The header that says which extras follow: of these only transparency does. */
function withoutExtras(header: Buffer): Buffer {
  const copy = Buffer.from(header);
  copy.writeUInt8(copy.readUInt8(8) & webpAlpha, 8);
  return copy;
}
