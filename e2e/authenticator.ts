import type { Page } from '@playwright/test';

/**
 * Gives the tab an authenticator as a laptop has one built in: touched whenever it is asked, for as long as the tab lives.
 * A page that lets passkeys be suggested in a field is answered at once, as if the person had chosen the suggestion;
 * `withoutSuggestions` is a browser that does not suggest any.
 */
export async function giveAuthenticator(page: Page, { verifiesUser = true } = {}) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: verifiesUser,
      automaticPresenceSimulation: true,
    },
  });
  return { credentials, setCounter, verifyUser };

  async function credentials() {
    return (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  }

  /** Its only credential goes on counting from here, as that of a copy would. */
  async function setCounter(signCount: number): Promise<void> {
    const [credential] = await credentials();
    if (!credential) throw new Error('the authenticator has no credential');
    const { credentialId } = credential;
    await devtools.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
    await devtools.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount } });
  }

  /** Whether the finger is the right one from now on. */
  async function verifyUser(isUserVerified: boolean): Promise<void> {
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  }
}

/** Before a page is opened: its browser uses passkeys, but suggests none in fields. */
export async function withoutSuggestions(page: Page): Promise<void> {
  await page.addInitScript(() => {
    if (!('PublicKeyCredential' in globalThis)) return;
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
}
