const FIELD = 'pick-';

/** The ids behind the boxes that were ticked; of each box the name carries the id. */
export function picked(fields: Record<string, string>): string[] {
  return Object.keys(fields)
    .filter((name) => name.startsWith(FIELD))
    .map((name) => name.slice(FIELD.length));
}

/** Account ids in the space of an address: 22 characters each in place of 36. */
export function packed(ids: string[]): string {
  return ids.map((id) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')).join('.');
}

export function unpacked(text: string): string[] {
  return text.split('.').flatMap((each) => {
    const hex = Buffer.from(each, 'base64url').toString('hex');
    const [, ...parts] = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(hex) ?? [];
    return parts.length > 0 ? [parts.join('-')] : [];
  });
}
