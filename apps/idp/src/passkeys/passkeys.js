// A form with data-passkey asks the browser for a passkey and posts the answer as its field "response". Where there is a
// field with autocomplete="… webauthn", the browser also offers passkeys in there.
{
  const {
    browserSupportsWebAuthn,
    browserSupportsWebAuthnAutofill,
    sendSignal,
    startAuthentication,
    startRegistration,
  } = globalThis.SimpleWebAuthnBrowser;
  if (browserSupportsWebAuthn()) for (const form of document.querySelectorAll('form[data-passkey]')) enable(form);

  function enable(form) {
    const optionsJSON = JSON.parse(form.dataset.options);
    const ask = form.dataset.passkey === 'registration' ? startRegistration : startAuthentication;
    for (const part of form.querySelectorAll('[data-unsupported]')) part.hidden = true;
    for (const part of form.querySelectorAll('[data-supported]')) part.hidden = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      show(form, undefined);
      try {
        send(form, await ask({ optionsJSON }));
      } catch (error) {
        show(form, problemOf(error));
        if (form.dataset.passkey === 'sign-in') void offer(form, optionsJSON);
      }
    });
    if (form.dataset.passkey === 'sign-in') void offer(form, optionsJSON);
    if (form.dataset.passkey === 'registration') void forgetRemoved(optionsJSON);
  }

  /** Tells the password manager which passkeys of this person still count, so that it no longer suggests the others. */
  async function forgetRemoved({ rp, user, excludeCredentials }) {
    const accepted = { allAcceptedCredentialIDs: excludeCredentials.map(({ id }) => id) };
    try {
      await sendSignal({ signalName: 'allAcceptedCredentials', rpID: rp.id, userID: user.id, ...accepted });
    } catch {
      // This browser does not pass it on: the removed one is refused when it is used.
    }
  }

  /** Waits until a passkey is chosen from what the browser suggests for the field; a ceremony of the button's ends that. */
  async function offer(form, optionsJSON) {
    if (!(await browserSupportsWebAuthnAutofill())) return;
    try {
      send(form, await startAuthentication({ optionsJSON, useBrowserAutofill: true }));
    } catch {
      // Nobody asked for this, so nobody is told that it came to nothing.
    }
  }

  /** A box that is ticked elsewhere on the page ("keep me signed in") counts here too. */
  function send(form, response) {
    for (const field of form.querySelectorAll('[data-carried]'))
      field.disabled = !document.querySelector(`input[type="checkbox"][name="${field.name}"]`)?.checked;
    form.elements.namedItem('response').value = JSON.stringify(response);
    form.submit();
  }

  function problemOf({ name }) {
    if (name === 'NotAllowedError') return 'cancelled';
    if (name === 'InvalidStateError') return 'already';
    return name === 'AbortError' ? undefined : 'failed';
  }

  function show(form, problem) {
    for (const part of form.querySelectorAll('[data-problem]')) part.hidden = part.dataset.problem !== problem;
  }
}
