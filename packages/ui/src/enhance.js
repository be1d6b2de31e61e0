// What makes pages nicer where scripts run. Everything works without it.
{
  const { dataset } = document.currentScript;
  document.documentElement.classList.add('scripted');
  revealPasswords(dataset);
  printAndCopy(dataset);
  localMoments();
  showCurrentEntries();
  addEventListener('resize', showCurrentEntries);

  /** A "show" button in password fields. The field itself must not move: what leaves the document loses its focus. */
  function revealPasswords({ show, hide, showCharacters, hideCharacters }) {
    for (const input of document.querySelectorAll('.control > input[type="password"]')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'reveal';
      button.setAttribute('aria-controls', input.id);
      const say = (shown) => {
        button.textContent = shown ? hide : show;
        // Not "password": then the field alone would no longer be found by its label.
        button.setAttribute('aria-label', shown ? hideCharacters : showCharacters);
      };
      say(false);
      button.addEventListener('click', () => {
        const shown = input.type === 'text';
        input.type = shown ? 'password' : 'text';
        say(!shown);
      });
      input.form?.addEventListener('submit', () => {
        input.type = 'password'; // browsers offer to save only what is a password field
      });
      input.after(button);
    }
  }

  /** Buttons `data-print`, and `data-copy` that names the element whose text is copied. */
  function printAndCopy({ copied }) {
    for (const button of document.querySelectorAll('[data-print]')) button.addEventListener('click', () => print());
    for (const button of document.querySelectorAll('[data-copy]')) {
      button.addEventListener('click', () => {
        const { innerText } = document.getElementById(button.dataset.copy);
        void navigator.clipboard.writeText(innerText).then(() => (button.textContent = copied));
      });
    }
  }

  /** Moments in the reader's own time zone. */
  function localMoments() {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
    for (const time of document.querySelectorAll('time[data-local]')) {
      time.title = time.textContent;
      time.textContent = format.format(new Date(time.dateTime));
    }
  }

  /** Where a row of links is wider than the screen, the current one is in view. */
  function showCurrentEntries() {
    for (const entry of document.querySelectorAll('nav [aria-current]')) {
      const strip = entry.closest('nav');
      const [outer, inner] = [strip.getBoundingClientRect(), entry.getBoundingClientRect()];
      strip.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
    }
  }
}
