// Says how many boxes are ticked, and adds one that ticks them all. Without this script each box stands for itself.
const { dataset } = document.currentScript;
for (const form of document.querySelectorAll('form.picks')) {
  const boxes = [...form.querySelectorAll('input[type="checkbox"]')];
  const words = form.querySelector('[data-picked]');
  const corner = form.querySelector('th.pick');
  if (!words || !corner || boxes.length === 0) continue;

  const all = document.createElement('input');
  all.type = 'checkbox';
  all.setAttribute('aria-label', dataset.all);
  const label = document.createElement('label');
  label.append(all);
  corner.replaceChildren(label);

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    words.textContent = ticked === 0 ? '' : `${ticked} ${dataset.ticked}`;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener('change', tell);
  tell(); // the browser keeps ticks over "back"
}
