/** A point in time as a page shows it: `<time datetime="{{iso}}">{{text}}</time>`. */
export type Moment = { iso: string; text: string };

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

export function moment(at: Date): Moment {
  return { iso: at.toISOString(), text: `${format.format(at)} UTC` };
}
