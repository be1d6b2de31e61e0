// What makes pages nicer where scripts run. Everything works without it.

// A "show" button in password fields.
for (const input of document.querySelectorAll('input[type="password"]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'reveal';
  button.textContent = 'Show';
  button.setAttribute('aria-controls', input.id);
  // Not "password": then the field alone would no longer be found by its label.
  button.setAttribute('aria-label', 'Show characters');
  button.addEventListener('click', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.textContent = shown ? 'Show' : 'Hide';
    button.setAttribute('aria-label', shown ? 'Show characters' : 'Hide characters');
  });
  input.form?.addEventListener('submit', () => {
    input.type = 'password'; // browsers offer to save only what is a password field
  });
  const box = document.createElement('span');
  box.className = 'revealable';
  input.replaceWith(box);
  box.append(input, button);
}
