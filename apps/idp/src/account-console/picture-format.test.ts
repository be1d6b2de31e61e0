import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPicture } from './picture-format.ts';
import { samples } from './test/samples.ts';

const place = 'GPS 52.5163 13.3777';

/** The same picture with what a camera or a painting program writes beside it. */
const withMetadata = {
  png: (clean: Buffer) =>
    Buffer.concat([
      clean.subarray(0, 33),
      pngChunk('eXIf', place),
      pngChunk('tEXt', `Comment\0${place}`),
      pngChunk('zzZz', place),
      clean.subarray(33),
    ]),
  jpeg: (clean: Buffer) =>
    Buffer.concat([
      clean.subarray(0, 2),
      jpegSegment(0xe0, `JFIF\0${place}`),
      jpegSegment(0xe1, `Exif\0\0${place}`),
      jpegSegment(0xfe, place),
      clean.subarray(2),
    ]),
  webp: (clean: Buffer) => {
    const extras = [riffChunk('EXIF', place), riffChunk('XMP ', `<x>${place}</x>`), riffChunk('ICCP', place)];
    const whole = Buffer.concat([clean, ...extras]);
    whole.writeUInt32LE(whole.length - 8, 4);
    whole.writeUInt8(whole.readUInt8(20) | 0x2c, 20); // VP8X: these follow
    return whole;
  },
};

test.each(['png', 'jpeg', 'webp'] as const)('of a %s picture only what draws it is kept', (format) => {
  const clean = samples[format];
  const dirty = Buffer.concat([withMetadata[format](clean), Buffer.from(`<script>alert("${place}")</script>`)]);
  expect(dirty.includes(place)).toBe(true);

  const picture = readPicture(dirty);

  expect(picture).toMatchObject({ type: `image/${format}`, width: 20, height: 16 });
  expect(picture?.bytes.equals(clean)).toBe(true);
});

test.each([
  ['big-endian', `MM\0\x2a\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x05\0\0\0\0\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0`],
  ['little-endian', `II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0`],
])('of the EXIF of a photo taken upright only that stays, once (%s)', (_, exif) => {
  const { jpeg } = samples;
  const taken = (bytes: Buffer) =>
    Buffer.concat([bytes.subarray(0, 2), jpegSegment(0xe1, `Exif\0\0${exif}${place}`), bytes.subarray(2)]);

  const picture = readPicture(taken(jpeg));

  expect(picture).toMatchObject({ width: 16, height: 20 }); // as it is shown, not as it is stored
  expect(picture?.bytes.length).toBe(jpeg.length + 36);
  expect(picture?.bytes.includes(place)).toBe(false);
  expect(readPicture(picture?.bytes ?? jpeg)).toEqual(picture);
  expect(readPicture(taken(picture?.bytes ?? jpeg))).toEqual(picture);
});

test.each(['png', 'jpeg', 'webp'] as const)('a %s picture that is broken off is none, wherever it breaks', (format) => {
  const readable = samples[format].keys().filter((length) => readPicture(samples[format].subarray(0, length)));
  expect([...readable]).toEqual([]);
});

test.each([
  ['a drawing that may carry scripts', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['a page', '<!doctype html><script>alert(1)</script>'],
  ['a moving picture of another kind', 'GIF89a\x01\x00\x01\x00'],
  ['the mere beginning of one', '\x89PNG\r\n\x1a\n'],
])('A-16: %s is no picture', (_, text) => {
  expect(readPicture(Buffer.from(text, 'latin1'))).toBeUndefined();
});

test('whatever is changed in a picture, it is read to an end and never grows', () => {
  const formats = fc.constantFrom('png', 'jpeg', 'webp');
  const changes = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 12 });
  const found = fc.check(
    fc.property(formats, changes, (format, changed) => {
      const bytes = withMetadata[format](samples[format]);
      for (const [at, value] of changed) bytes.writeUInt8(value, at % bytes.length);
      const picture = readPicture(bytes);
      return (picture?.bytes.length ?? 0) <= bytes.length;
    }),
    { numRuns: 500 },
  );
  expect(found.counterexample).toBeNull();
});

function pngChunk(type: string, text: string): Buffer {
  const named = Buffer.from(type + text, 'latin1');
  const chunk = Buffer.alloc(named.length + 8);
  chunk.writeUInt32BE(text.length, 0);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), named.length + 4);
  return chunk;
}

function jpegSegment(marker: number, text: string): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([head, Buffer.from(text, 'latin1')]);
}

function riffChunk(type: string, text: string): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text.padEnd(text.length + (text.length % 2), '\0'), 'latin1')]);
}
