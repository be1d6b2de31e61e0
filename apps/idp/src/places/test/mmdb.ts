/** The smallest database in MMDB format: one IPv4 network and what is said of it. Sizes as in the format's specification, version 2. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Value = string | number | { [name: string]: Value };

export async function writeDatabase(network: { address: string; bits: number }, record: Value) {
  const folder = await mkdtemp(join(tmpdir(), 'places-'));
  const path = join(folder, 'city.mmdb');
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    database_type: 'Test',
    ip_version: 4,
    node_count: network.bits,
    record_size: 24,
  };
  const separator = Buffer.alloc(16);
  const marker = Buffer.concat([Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com')]);
  await writeFile(path, Buffer.concat([tree(network), separator, encoded(record), marker, encoded(metadata)]));
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** A node per bit: the branch of the network goes on, the other one ends with "not found". */
function tree({ address, bits }: { address: string; bits: number }): Buffer {
  const bytes = address.split('.').map(Number);
  const [notFound, data] = [bits, bits + 16];
  return Buffer.concat(
    Array.from({ length: bits }, (_, i) => {
      const next = i + 1 < bits ? i + 1 : data;
      const goesRight = (((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) === 1;
      return Buffer.concat((goesRight ? [notFound, next] : [next, notFound]).map((to) => bigEndian(to, 3)));
    }),
  );
}

function encoded(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return Buffer.concat([control(6, 4), bigEndian(value, 4)]);
  const entries = Object.entries(value);
  return Buffer.concat([control(7, entries.length), ...entries.flat().map(encoded)]);
}

function control(type: number, size: number): Buffer {
  return Buffer.from([(type << 5) | size]);
}

function bigEndian(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
