import { expect, type Locator, type Page } from '@playwright/test';

/** Goes on with Tab until it is there, and presses the key; typing comes afterwards. */
export async function tabTo(page: Page, target: Locator, key?: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(target).toBeFocused({ timeout: 1 });
  }).toPass({ intervals: [0] });
  if (key !== undefined) await page.keyboard.press(key);
}

/** How far it is gone back: far enough to see that nothing holds the focus. */
const stepsBack = 3;

/**
 * What is wrong with going through this page by Tab: every control is reached once, in the order of the document and of
 * the eye, the skip link first; each shows that it has the focus and is not covered; from the last one the page is left,
 * and Shift+Tab goes back. What had the focus has it again in the end.
 */
export async function keyboardFaults(page: Page): Promise<string[]> {
  const stops = await page.evaluate(begin);
  if (stops === 0) return [];
  let left = false;
  for (let pressed = 0; !left && pressed < 2 * stops + 20;) {
    const times = pressed === 0 ? stops + 1 : 1;
    await Promise.all(Array.from({ length: times }, () => page.keyboard.press('Tab')));
    pressed += times;
    left = await page.evaluate(() => (globalThis as unknown as Watched).keyboardWatch.left());
  }
  await page.evaluate(() => (globalThis as unknown as Watched).keyboardWatch.turn());
  for (let i = 0; i < Math.min(stepsBack, stops - 1); i += 1) await page.keyboard.press('Shift+Tab');
  return page.evaluate(() => (globalThis as unknown as Watched).keyboardWatch.faults());
}

type Watched = { keyboardWatch: { left(): boolean; turn(): void; faults(): string[] } };

/** In the page: watches where the focus goes from now on; answers how many stops there should be. */
async function begin(): Promise<number> {
  for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame); // fields with `autofocus` have got it by then
  const interactive = 'a[href], area[href], button, input, select, textarea, summary, [tabindex], [contenteditable]';
  const had = document.activeElement;
  toTheTop();
  const expected = [...document.querySelectorAll<HTMLElement>(interactive)].filter(isStop);
  const plain = new Map(expected.map((stop) => [stop, look(stop)]));
  const places = new Map(expected.map((stop) => [stop, stop.getBoundingClientRect()]));
  const found = new Set<string>();
  const reached: Element[] = [];
  const back: Element[] = [];
  let path = reached;

  addEventListener('keydown', note, { capture: true });
  Object.assign(globalThis, { keyboardWatch: { left, turn, faults } });
  return expected.length;

  function isStop(element: HTMLElement): boolean {
    if (element.matches(':disabled, input[type="hidden"], [inert] *') || element.tabIndex < 0) return false;
    if (element instanceof HTMLInputElement && element.type === 'radio') return isChosenOfItsGroup(element);
    return element.checkVisibility({ visibilityProperty: true });
  }

  /** A group of radio buttons is one stop: the one that is chosen, else the first. */
  function isChosenOfItsGroup(radio: HTMLInputElement): boolean {
    const group = [
      ...document.querySelectorAll<HTMLInputElement>(`input[type="radio"][name="${CSS.escape(radio.name)}"]`),
    ];
    const own = group.filter(({ form }) => form === radio.form);
    return radio === (own.find(({ checked }) => checked) ?? own[0]) && radio.checkVisibility();
  }

  /** Whatever could show the focus: on the element, or on what is around it or beside it. */
  function look(element: Element): string {
    const shown = [element, ...element.children, element.parentElement, element.parentElement?.parentElement];
    return shown.map((one) => (one ? styleOf(one) : '')).join('\n');
  }

  function styleOf(element: Element): string {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } =
      getComputedStyle(element);
    const outline =
      outlineStyle === 'none' || outlineWidth === '0px' ? '' : `${outlineStyle} ${outlineWidth} ${outlineColor}`;
    return [outline, boxShadow, borderColor, backgroundColor].join(' ');
  }

  /** The next Tab starts from the very beginning. */
  function toTheTop(): void {
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
  }

  /** Before each further step, so after the page has scrolled for the one before. */
  function note({ key }: KeyboardEvent): void {
    if (key === 'Tab') see();
  }

  function see(): void {
    const stop = document.activeElement;
    if (!stop || stop === document.body || stop === path.at(-1)) return; // the parts of a date are one control
    path.push(stop);
    if (path === back || reached.indexOf(stop) !== reached.length - 1) return;
    if (!(stop instanceof HTMLElement) || !plain.has(stop)) return;
    if (plain.get(stop) === look(stop)) found.add(`does not show its focus: ${nameOf(stop)}`);
    if (!isInSight(stop)) found.add(`is covered, or out of sight: ${nameOf(stop)}`);
  }

  function isInSight(stop: Element): boolean {
    return [...stop.getClientRects()].some((box) =>
      [0.5, 0.1, 0.9].some((part) => {
        const [x, y] = [box.left + box.width * part, box.top + box.height / 2];
        const top = document.elementFromPoint(x, y);
        return top !== null && (stop.contains(top) || isLabelOf(top, stop));
      }),
    );
  }

  function isLabelOf(top: Element, stop: Element): boolean {
    return top.closest('label')?.control === stop;
  }

  /** Past the last stop: out of the page, or around to the first. */
  function left(): boolean {
    const now = document.activeElement;
    return reached.length > 0 && (!now || now === document.body || (now !== reached.at(-1) && reached.includes(now)));
  }

  function turn(): void {
    if (!left()) found.add(`a trap: ${nameOf(document.activeElement)} keeps the focus`);
    expected.at(-1)?.focus();
    path = back;
  }

  function faults(): string[] {
    see();
    removeEventListener('keydown', note, { capture: true });
    const stops = reached.filter((stop) => !isScroller(stop));
    for (const stop of new Set(stops)) {
      const times = stops.filter((one) => one === stop).length;
      if (times > 1) found.add(`is reached ${times} times: ${nameOf(stop)}`);
      if (!expected.some((one) => one === stop)) found.add(`is reached, and is no control: ${nameOf(stop)}`);
    }
    for (const stop of expected) if (!stops.includes(stop)) found.add(`is never reached: ${nameOf(stop)}`);
    const inOrder = expected.filter((stop) => stops.includes(stop));
    inOrder.forEach((stop, i) => {
      if (stop !== stops[i]) found.add(`comes out of order: ${nameOf(stop)}`);
      if (stop.tabIndex > 0) found.add(`has a tabindex of its own: ${nameOf(stop)}`);
      const before = inOrder[i - 1];
      if (before && jumpsBack(before, stop)) found.add(`is above and left of what comes before it: ${nameOf(stop)}`);
    });
    const skip = document.querySelector('.skip');
    if (skip && reached[0] !== skip) found.add('the skip link does not come first');
    const wayBack = expected.toReversed().slice(0, back.length);
    const isStuck = back.length < 2 && expected.length > 1;
    if (isStuck || back.filter((stop) => !isScroller(stop)).some((stop, i) => stop !== wayBack[i]))
      found.add('Shift+Tab does not go back');
    if (had instanceof HTMLElement) had.focus();
    return [...found];
  }

  /** What is wider or higher than its box can be scrolled by keyboard, so browsers stop there. */
  function isScroller(stop: Element): boolean {
    return !stop.matches(interactive) && (stop.scrollWidth > stop.clientWidth || stop.scrollHeight > stop.clientHeight);
  }

  function jumpsBack(before: Element, stop: Element): boolean {
    const [from, to] = [places.get(before as HTMLElement), places.get(stop as HTMLElement)];
    const isContent = before.closest('main') && stop.closest('main'); // a head may lie in other rows on a phone
    return (
      isContent !== null && from !== undefined && to !== undefined && to.bottom <= from.top && to.right <= from.left
    );
  }

  function nameOf(element: Element | null): string {
    const text = element?.getAttribute('aria-label') ?? element?.textContent?.trim().slice(0, 40) ?? '';
    return `${element?.localName ?? 'nothing'}${element?.id ? `#${element.id}` : ''} "${text}"`;
  }
}
