/** For demonstration machines only: everybody knows it. */
export const demoPassword = 'open-the-gate-please';

export const demoAccounts = [
  { email: 'alice@example.com', name: 'Alice Wicket', roles: [] },
  { email: 'bob@example.com', name: 'Bob Castellan', roles: [] },
  { email: 'mara@example.com', name: 'Mara Keep', roles: ['analyst', 'moderator'] },
  { email: 'admin@example.com', name: 'Ada Portcullis', roles: ['admin'] },
];

/** Whether what everybody knows may be put into this database. */
export function mayHoldDemo(force: boolean): boolean {
  return force || process.env['NODE_ENV'] !== 'production';
}
