import { spawn } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgress, Refusal, runScript } from './progress.mjs';
import { ensureChromium } from './programs.mjs';
import { root } from './root.mjs';
import { setUp, toolsFirst } from './setup.mjs';

const album = join(root, 'screenshots');

/**
 * `npm run screenshots`: the picture of every page, on a phone and a desk, by day and by night, in screenshots/ with an
 * index.html that shows them side by side. `npm run screenshots -- shop`: of the tours with that in their name; the others stay.
 */
await runScript(async () => {
  const progress = createProgress();
  if (!(await setUp(progress))) return;
  const { chromium } = await import('@playwright/test');
  await ensureChromium(progress, chromium.executablePath());
  const tours = process.argv.slice(2);
  if (tours.length === 0) rmSync(album, { recursive: true, force: true });
  const code = await takePictures(tours);
  const count = writeIndex();
  progress.say(`\n${count} pictures: ${join(album, 'index.html')}`);
  if (code !== 0) throw new Refusal('Not every tour came to its end.');
});

function takePictures(tours) {
  const args = ['test', '-c', 'e2e/screenshots', ...(tours.length > 0 ? ['-g', tours.join('|')] : [])];
  const child = spawn('playwright', args, { cwd: root, env: toolsFirst(), stdio: ['ignore', 'inherit', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (code) => resolve(code ?? 1)));
}

/** A contact sheet: a section for each tour, a line for each page, all its pictures in it. */
function writeIndex() {
  let count = 0;
  const sections = folders(album).map((tour) => {
    const pages = Map.groupBy(pictures(join(album, tour)), (file) => file.slice(0, file.lastIndexOf(',')));
    const lines = [...pages].map(([page, files]) => {
      count += files.length;
      const images = files.map((file) => {
        const address = `${encodeURIComponent(tour)}/${encodeURIComponent(file)}`;
        return `<a href="${address}"><img loading="lazy" src="${address}" alt="${file}"></a>`;
      });
      return `<h3>${page}</h3><div>${images.join('')}</div>`;
    });
    return `<h2>${tour}</h2>${lines.join('\n')}`;
  });
  const style =
    'body{font:16px system-ui;margin:2rem;background:#888}div{display:flex;gap:1rem;align-items:start;overflow:auto}img{max-height:34rem}';
  const head = `<meta charset="utf-8"><title>Every page</title><style>${style}</style>`;
  writeFileSync(join(album, 'index.html'), `<!doctype html>${head}${sections.join('\n')}`);
  return count;
}

function folders(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((it) => (it.isDirectory() ? [it.name] : []));
}

function pictures(path) {
  return readdirSync(path).filter((file) => file.endsWith('.png'));
}
