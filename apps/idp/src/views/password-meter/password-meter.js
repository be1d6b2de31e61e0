// Says how good a new password is while it is typed. The judgement that counts is the server's; without scripts, the only one.
for (const meter of document.querySelectorAll('[data-meter-of]')) {
  const { meterOf, least, known, scripts, ...words } = meter.dataset;
  const field = document.getElementById(meterOf);
  const said = meter.querySelector('.meter-words');
  let estimate;
  field.addEventListener('focus', () => void load(), { once: true });
  field.addEventListener('input', show);
  if (document.activeElement === field) void load();

  /** The lists are large, so they come when somebody begins to choose. */
  async function load() {
    for (const address of scripts.split(' ')) await added(address);
    const { core, 'language-common': common } = globalThis.zxcvbnts;
    const options = { dictionary: common.dictionary, graphs: common.adjacencyGraphs, l33tMaxSubstitutions: 16 };
    const factory = new core.ZxcvbnFactory(options);
    estimate = (password, context) => factory.check(password, context).score;
    show();
  }

  function show() {
    const { value } = field;
    meter.hidden = value === '' || !estimate;
    if (meter.hidden) return;
    const [score, text] = judged(value);
    meter.dataset.score = score;
    if (said.textContent !== text) said.textContent = text; // read out once, not at every key
  }

  function judged(value) {
    if ([...value].length < least) return [1, words.short];
    const typed = [...field.form.querySelectorAll('input:not([type="hidden"], [type="password"])')].map(
      (it) => it.value,
    );
    const texts = [known, ...typed].map((text) => text.toLowerCase());
    const parts = texts.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
    const context = [...texts, ...parts].filter((text) => text.length > 2);
    const rest = context.reduce((left, word) => left.replaceAll(word, ''), value.toLowerCase());
    const score = estimate(value.slice(0, 64), context);
    if (score < 3 || rest.length < least / 2) return [2, words.easy];
    return score === 3 ? [3, words.good] : [4, words.strong];
  }

  function added(address) {
    return new Promise((resolve, reject) => {
      const script = document.createElement('script');
      Object.assign(script, { src: address, onload: resolve, onerror: reject });
      document.head.append(script);
    });
  }
}
