import { freshDatabase } from '@portcullis/testing';
import { expect, test } from 'vitest';
import { connect } from './orm.ts';

test('the migrations produce exactly the schema the entities describe', async () => {
  await using database = await freshDatabase();
  const orm = connect({ url: database.url, poolSize: 2 });
  try {
    await orm.migrator.up();
    expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toBe('');
  } finally {
    await orm.close();
  }
});
