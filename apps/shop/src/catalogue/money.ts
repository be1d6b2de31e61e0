const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** 1400 → "€14.00" */
export function price(cents: number): string {
  return euros.format(cents / 100);
}
