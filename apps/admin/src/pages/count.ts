/** "1 session", "3 sessions", "12,000 sessions". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

/** "Shop", "Shop and Forum", "Shop, Forum and Dashboard". */
export const listed = (names: string[]): string => list.format(names);
const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });
