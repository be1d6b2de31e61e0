// Keeps the receipts of a page up to date while there is something to wait for: asks for that part of the page again and
// exchanges what has changed in it. Without this script, the link "Look again" does.
const QUICK_MS = 300;
const SLOW_MS = 3000;
const QUICK_FOR_MS = 15_000;

const region = document.querySelector('[data-live]');
if (region && !('complete' in region.dataset)) void follow(region);

async function follow(section) {
  const began = performance.now();
  while (!('complete' in section.dataset)) {
    const pause = performance.now() - began < QUICK_FOR_MS ? QUICK_MS : SLOW_MS;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.hidden) continue;
    const response = await fetch(section.dataset.live, { headers: { accept: 'text/html' } }).catch(() => undefined);
    if (!response) continue;
    if (response.status === 503) continue;
    if (!response.ok) return; // signed out, most likely: the next click explains
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('[data-live]');
    if (fresh) exchange(section, fresh);
  }
}

function exchange(section, fresh) {
  const known = keyed(section);
  const given = keyed(fresh);
  // Something came or went: then all of it is new, but for the line that is read out.
  const words = section.querySelector('[data-words]');
  const spoken = fresh.querySelector('[data-words]').textContent;
  if ([...known.keys()].join() === [...given.keys()].join()) {
    for (const [key, element] of given) if (!element.isEqualNode(known.get(key))) known.get(key).replaceWith(element);
  } else {
    fresh.querySelector('[data-words]').replaceWith(words);
    section.replaceChildren(...fresh.childNodes);
  }
  section.className = fresh.className;
  if (words.textContent !== spoken) words.textContent = spoken;
  if ('complete' in fresh.dataset) section.dataset.complete = '';
}

function keyed(section) {
  return new Map([...section.querySelectorAll('[data-key]')].map((element) => [element.dataset.key, element]));
}
